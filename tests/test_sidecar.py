"""What a recorder writes beside a recording: the call, from BCR's JSON."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from collectaudit.inspecting import inspect
from collectaudit.reading import Task, read_into
from collectaudit.records import Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import parsers, sidecar

PARTY = {"phone_number": "+8613800138000", "phone_number_formatted": "138 0013 8000", "caller_name": None,
         "contact_name": "张三"}  # fmt: skip
CALL: dict[str, Any] = {
    "timestamp_unix_ms": 1712310022088, "timestamp": "2024-04-05T17:40:22.088+08:00", "direction": "in", "sim_slot": 1,
    "call_log_name": "老张", "calls": [PARTY],
    "output": {"format": {"type": "OGG/Opus"}, "recording": {"sample_rate": 48000, "duration_secs_total": 61.5}},
}  # fmt: skip
BASE = {"kind": "recording", "channel": "call", "direction": "in", "time": "2024-04-05T17:40:22.088+08:00",
        "epoch_ms": None, "duration": "61.5", "other": "+8613800138000", "name": "张三"}  # fmt: skip


def read(folder: Path, content: Any) -> Record | Reject:
    path = folder / "0123"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
    (row,) = sidecar.read(Job(path, "a.json", folder), Facts("sidecar"))
    return row


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {}),
        ({"direction": "out"}, {"direction": "out"}),
        ({"direction": None}, {"direction": None}),
        ({"timestamp": None}, {"time": None, "epoch_ms": "1712310022088"}),
        ({"calls": [{**PARTY, "contact_name": None}]}, {"name": "老张"}),
        ({"calls": [{**PARTY, "contact_name": None, "caller_name": "ZHANG"}]}, {"name": "ZHANG"}),
        ({"calls": [{**PARTY, "phone_number": None}]}, {"other": None}),
        ({"calls": []}, {"other": None, "name": "老张"}),
        ({"output": {"format": {}, "recording": None}}, {"duration": None}),
    ],
)
def test_the_call(tmp_path: Path, changed: dict[str, Any], expected: dict[str, Any]) -> None:
    row = read(tmp_path, CALL | changed)
    assert isinstance(row, Record)
    assert (row.locator, row.fields) == ("call", BASE | expected)


CUBE = {"callee": "138 0013 8000", "direction": "Incoming", "duration": 61500}
CUBE_NAME = "2024-04-05 17-40-22 (phone) 张三 (138 0013 8000) ↙.json"


@pytest.mark.parametrize(
    ("changed", "name", "expected"),
    [
        ({}, CUBE_NAME, {"other": "138 0013 8000", "name": "张三", "direction": "in"}),
        ({"callee": "李四"}, "2024-04-05 17-40-22 (phone) 138 0013 8000 ↗.json",
         {"other": "138 0013 8000", "name": "李四", "direction": "in"}),
        ({"direction": "?"}, CUBE_NAME, {"other": "138 0013 8000", "name": "张三", "direction": "in"}),
    ],
)  # fmt: skip
def test_what_cube_acr_writes(tmp_path: Path, changed: dict[str, Any], name: str, expected: dict[str, Any]) -> None:
    path = tmp_path / "0123"
    path.write_text(json.dumps(CUBE | changed), encoding="utf-8")
    assert sidecar.claims(path.read_bytes(), "x.json")
    (row,) = sidecar.read(Job(path, name, tmp_path), Facts("sidecar"))
    assert isinstance(row, Record)
    about = {"kind": "recording", "channel": "call", "duration": "62", "time": "2024-04-05 17:40:22"}
    assert row.fields == about | expected


def test_cube_acr_without_a_time_in_its_name(tmp_path: Path) -> None:
    row = read(tmp_path, CUBE)
    assert isinstance(row, Reject)
    assert row.reason == "it does not say when the call was"


def test_of_a_conference_no_party_is_taken(tmp_path: Path) -> None:
    row = read(tmp_path, CALL | {"direction": "conference", "calls": [PARTY, {**PARTY, "phone_number": "95001"}]})
    assert isinstance(row, Record)
    assert {"other", "name"}.isdisjoint(row.fields)
    assert row.fields["direction"] is None


@pytest.mark.parametrize(
    "content",
    [
        b'{"timestamp_unix_ms": true, "calls": []}', b'{"timestamp_unix_ms": {}, "calls": []}',
        b'{"calls": "\\"timestamp_unix_ms\\""}', b'[{"timestamp_unix_ms": 1, "calls": []}]',
    ],
)  # fmt: skip
def test_without_a_time_it_is_a_reject(tmp_path: Path, content: bytes) -> None:
    row = read(tmp_path, content)
    assert isinstance(row, Reject)
    assert row.reason == "it does not say when the call was"


@pytest.mark.parametrize("content", [b'{"timestamp_unix_ms": 1, "calls": [', b'{"a":' * 99_999, b"{\xff", b"9" * 9999])
def test_what_is_no_json_has_a_reason(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="not valid JSON"):
        read(tmp_path, content)


@pytest.mark.parametrize("name", ["a.json", "a.m4a", "a.csv"])
def test_told_by_its_content(name: str) -> None:
    head = json.dumps(CALL, indent=4).encode()
    assert [parser.NAME for parser in parsers() if parser.claims(head, name)] == ["sidecar"]
    assert not sidecar.claims(b'{"segments": []}', "a.json")


def test_read_as_the_audit_does(tmp_path: Path) -> None:
    path, folder = tmp_path / "20240405_174022.json", tmp_path / "read"
    path.write_text(json.dumps(CALL), encoding="utf-8")
    assert [inspect(path)[key] for key in ("parser", "kind", "events")] == ["sidecar", "recordings", 1]
    folder.mkdir()
    read_into(Task("a.json", "0" * 64, path.stat().st_size, "America/New_York", "US"), path, folder)
    (row,) = pl.read_parquet(folder / "records.parquet").to_dicts()
    assert (str(row["at_local"]), row["utc_offset"], row["precision"], row["duration_s"], row["recording"]) == (
        "2024-04-05 17:40:22", 28_800, "second", 62, None,
    )  # fmt: skip
