"""Findings one after the other are the same as all at once, whatever is asked for, and as the one that was named."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from bigcase import sample_copy
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from collectaudit import judgements, views
from collectaudit.case import Case
from collectaudit.render import as_json, json_parts, jsonl_parts

ROWS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return sample_copy(tmp_path_factory, tmp_path_factory.mktemp("judgements") / "case")


@pytest.mark.parametrize(
    "wanted",
    [
        {}, {"limit": 3}, {"severity": "high"}, {"tier": "review"}, {"rule": "out-of-hours"}, {"account": "YX-88-2207"},
        {"regime": "cn.gbt45251", "limit": 5}, {"since": date(2026, 3, 1)}, {"until": date(2025, 1, 1)},
        {"rule": "none"},
    ],
)  # fmt: skip
def test_one_after_the_other_as_all_at_once(
    case: Case, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judgements, "_BATCH", 2)  # a finding has several records: they come in different batches
    monkeypatch.setattr(judgements, "_IN_ORDER", 3)  # and only so many are put in order at a time
    at_once = views.findings(case, lang="en", **wanted)
    assert list(views.each_finding(case, lang="en", **wanted)) == at_once
    ids = [row["finding_id"] for row in at_once]
    assert len(ids) == len(set(ids)) <= wanted.get("limit", len(ids))
    assert [row["occurred_at"] for row in at_once] == sorted(row["occurred_at"] for row in at_once)


def test_all_of_them_and_each_as_when_it_is_asked_for_alone(case: Case) -> None:
    every = views.findings(case, lang="zh")
    assert len(every) == case.query("SELECT count(*) AS n FROM findings")[0]["n"]
    for row in every[:: len(every) // 7]:
        alone = views.finding(case, row["finding_id"], "zh")
        assert alone is not None
        assert {key: alone[key] for key in row} == row
        rests_on = [one["event_id"] for one in alone["exhibits"]]
        assert sorted(one["event_id"] for one in row["evidence"]) == sorted(rests_on)


@given(st.lists(ROWS, max_size=4))
def test_a_document_in_pieces_is_the_document(rows: list[object]) -> None:
    document = {"before": {"a": 1}, "rows": [], "after": []}
    assert "".join(json_parts(document, "rows", rows)) == as_json({**document, "rows": rows}) + "\n"


def test_what_programs_get(case: Case, run: Run) -> None:
    whole = json.loads(run("show", case.path, "--format", "json").out)
    assert whole == json.loads(as_json(views.report(case, lang="en")))
    assert [json.loads(line) for line in StringIO(run("show", case.path, "--format", "jsonl").out)] == whole["findings"]
    assert "".join(jsonl_parts([])) == ""
