"""The sample cases against findings worked out by hand from the law (sample_data/README.md tells the story)."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from collectaudit import views
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.sample import keep_transcripts

SAMPLES = Path(__file__).parents[1] / "sample_data"
EXPECTED = sorted(path.stem for path in (SAMPLES / "expected").glob("*.json"))
Judged = Callable[[str], Case]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """A sample, with the transcripts that come with it: the same whatever is installed here. Nobody changes it."""

    @cache
    def case(name: str) -> Case:
        golden = worked_out(name)
        out = tmp_path_factory.mktemp("sample") / "case"
        keep_transcripts(Case.create(out), golden["inputs"])
        return audit([SAMPLES / name for name in golden["inputs"]], out=out, **golden["options"])

    return case


def worked_out(name: str) -> dict[str, Any]:
    """What is in the sample, by hand."""
    golden: dict[str, Any] = json.loads((SAMPLES / "expected" / f"{name}.json").read_text(encoding="utf-8"))
    return golden


def found(case: Case) -> dict[tuple[Any, ...], dict[str, Any]]:
    to = {row["event_id"]: row["to_number"] for row in case.query("SELECT event_id, to_number FROM events")}
    first = {row["finding_id"]: row["event_id"] for row in case.query("SELECT finding_id, event_id FROM findings")}
    return {
        (row["rule_id"], row["provision_id"].split("@")[0], row["tier"], row["account"], row["occurred_at"][:19],
         to[first[row["finding_id"]]]): row
        for row in views.findings(case, lang="zh")
    }  # fmt: skip


def plain(text: str) -> str:
    """Letters alone: a transcript has its own punctuation."""
    return re.sub(r"\W", "", text).lower()


def where(case: Case, finding_id: str) -> tuple[Any, Any]:
    """Second and channel of the passage of a recording that a finding rests on; nobody has listened to it."""
    finding = views.finding(case, finding_id, "zh")
    assert finding is not None
    [said] = [line for line in finding["words"]["utterances"] if line["spans"]]
    assert said["listened"] is False
    return said["start_s"], said["voice"]


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_found_is_what_was_worked_out_by_hand(judged: Judged, name: str) -> None:
    golden, case = worked_out(name), judged(name)
    assert not case.errors
    keys = ("rule_id", "provision", "tier", "account", "at", "to")
    wanted = {tuple(row[key] for key in keys): row for row in golden["findings"]}
    got = found(case)
    assert set(got) == set(wanted)
    for key, row in wanted.items():
        assert sorted(f"{item['source']} {item['locator']}" for item in got[key]["evidence"]) == sorted(row["records"])
        assert {name: str(got[key]["facts"][name])[: len(str(value))] for name, value in row["facts"].items()} == {
            name: str(value) for name, value in row["facts"].items()
        }
        quote, words = (plain(text) for text in (got[key]["facts"].get("quote", ""), row.get("words", "")))
        assert quote in words or (words and words in quote)
        if "second" in row:
            second, channel = where(case, got[key]["finding_id"])
            assert (second, channel) == (pytest.approx(row["second"], abs=1), row.get("channel"))


def test_what_the_story_says_of_words_that_do_not_count(judged: Judged) -> None:
    """Quoted by the borrower, joked by a friend, lawful from the lender, drafted and never sent: no finding."""
    case = judged("borrower")
    said = {row["event_id"]: row["text"] for row in case.query("SELECT event_id, text FROM utterances")}
    listed = {
        row["event_id"] for row in case.query("SELECT DISTINCT event_id FROM evidence WHERE signal_id IS NOT NULL")
    }
    for words in ("叫警察来抓我", "打死也别先转钱", "依法报送征信", "你们再打我就"):
        assert not listed & {event for event, text in said.items() if words in text}, words


def test_every_record_is_an_event_or_a_reject(judged: Judged) -> None:
    for name in ("borrower", "agency"):
        for source in views.sources(judged(name)):
            assert source["records"] == source["events"] + source["rejects"] > 0


def test_the_unlabelled_number_of_the_story_stands_first(judged: Judged) -> None:
    first = views.suggestions(judged("borrower"))[0]
    assert first["number"] == "+8613800138099"
    assert {reason["key"] for reason in first["reasons"]} >= {"debt_words", "several_people"}
