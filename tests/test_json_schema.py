"""The JSON output is a contract: its schema is valid, says enough, and refuses what is not in it."""

import copy
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

SCHEMA = json.loads((resources.files("collectaudit") / "schema.json").read_text(encoding="utf-8"))
EXAMPLE = json.loads((Path(__file__).parent / "data/json/report.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_example_fits() -> None:
    VALIDATOR.validate(EXAMPLE)


def test_an_empty_report_fits() -> None:
    VALIDATOR.validate(EXAMPLE | {name: [] for name in ("inputs", "sources", "rules", "notices", "findings", "errors")})


# What programs are promised; a field may be added to the schema, none of these may go.
PROMISED = {
    "sources": {
        "name", "parser", "sha256", "records", "events", "rejects", "declared", "first_at", "last_at", "status",
        "reason",
    },
    "rules": {"rule_id", "status", "reason", "contacts_seen", "findings"},
    "findings": {
        "finding_id", "rule_id", "regime", "provision_id", "authority", "tier", "severity", "account", "occurred_at",
        "message", "facts", "citations", "evidence",
    },
}  # fmt: skip


@pytest.mark.parametrize("part", PROMISED)
def test_promised_fields_are_required(part: str) -> None:
    definition = SCHEMA["$defs"][part.removesuffix("s")]
    assert set(definition["required"]) >= PROMISED[part]


BROKEN: list[tuple[list[str | int], Any]] = [
    (["schema_version"], 2),
    (["tool", "name"], "other"),
    (["sources", 0, "sha256"], "abc"),
    (["sources", 0, "records"], -1),
    (["sources", 0, "status"], "fine"),
    (["sources", 0, "first_at"], "yesterday"),
    (["rules", 0, "status"], "skipped"),
    (["findings", 0, "finding_id"], "1"),
    (["findings", 0, "authority"], "opinion"),
    (["findings", 0, "tier"], "guess"),
    (["findings", 0, "severity"], "fatal"),
    (["findings", 0, "evidence"], [{"source": "x"}]),
    (["findings", 0, "citations"], None),
    (["findings", 0, "unknown"], 1),
    (["findings", 1, "speech", "heard"], -1),
    (["findings", 1, "speech"], {"engine": "x"}),
    (["notices", 0, "kind"], "advert"),
    (["notices", 0, "help", 0, "lines", 0], {"number": "12356"}),
    (["notices", 0, "utterances", 0, "speaker"], {"role": "debtor"}),
    (["notices", 0, "utterances", 0, "speaker", "basis"], "guess"),
    (["notices", 0, "utterances", 0, "text"], None),
    (["notices", 0, "utterances", 0, "side"], {"known": "guess", "collector": None, "at_s": None, "text": None}),
    (["notices", 0, "utterances", 0, "voice"], "middle"),
    (["notices", 0, "utterances", 0, "spans", 0, "path"], "magic"),
    (["notices", 0, "utterances", 0, "spans", 0, "start_char"], -1),
    (["errors"], None),
]


@pytest.mark.parametrize(("where", "value"), BROKEN, ids=lambda part: str(part)[:40])
def test_what_is_not_in_the_contract_is_refused(where: list[str | int], value: Any) -> None:
    report = copy.deepcopy(EXAMPLE)
    *path, last = where
    part: Any = report
    for step in path:
        part = part[step]
    part[last] = value
    assert not VALIDATOR.is_valid(report)


def test_every_field_is_required_somewhere() -> None:
    for field in EXAMPLE:
        assert not VALIDATOR.is_valid({key: value for key, value in EXAMPLE.items() if key != field})
