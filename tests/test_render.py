"""Pages for people, from answers made up for the test: what is said, what is left out, what is made harmless."""

import io
import json
from typing import Any

import pytest

from collectaudit.catalogue import Words
from collectaudit.render import Page
from collectaudit.render_finding import finding_page
from collectaudit.render_lists import checks, rejects, suggestions
from collectaudit.render_summary import next_commands, summary

EVIL = "x\x1b[31m\u202ey[/nope]"
SAFE = "x\\u001b[31m\\u202ey[/nope]"

OVERVIEW: dict[str, Any] = {
    "contacts": 0, "collector_contacts": 0, "first_day": None, "last_day": None, "sources": 1, "records": None,
    "rejects": 0, "time_zone": "Asia/Shanghai", "jurisdiction": "cn", "by_rule": [], "unknown_numbers": 0,
    "owners": [], "assumed": [], "notices": [], "undated": [], "undirected": 0, "untranscribed": 0,
    "not_listened": 0, "lost": [],
    "unread": [], "not_judged": [],
}  # fmt: skip


def rule(authority: str, findings: int, review: int, title: str = "T") -> dict[str, Any]:
    counts = {"findings": findings, "review": review}
    return {"authority": authority, "rule_id": "r", "title_en": title, "title_zh": title, **counts}


def skipped(key: str, title: str, **args: object) -> dict[str, Any]:
    reason = json.dumps({"key": key, "args": args})
    return {"rule_id": title, "title_en": title, "title_zh": title, "status": "no_input", "reason": reason}


def page(lang: str = "en") -> tuple[Page, io.StringIO]:
    out = io.StringIO()
    return Page(Words(lang), out), out


def said(lang: str = "en", errors: tuple[dict[str, Any], ...] = (), **changes: Any) -> str:
    sheet, out = page(lang)
    summary(sheet, "case", {**OVERVIEW, **changes}, errors, "0123456789abcdef0123")
    return out.getvalue()


def test_an_empty_case() -> None:
    text = said()
    assert "No contacts were found in 1 file." in text
    assert "No finding." in text
    assert "What could not be judged" not in text
    assert "collectaudit status case" in text
    assert "Finding nothing is not the same as nothing happened" in text
    assert "Log 0123456789abcdef." in text


def test_authorities_are_kept_apart_in_order_of_weight() -> None:
    rules = [rule("practice", 1, 0), rule("promise", 0, 2), rule("law", 3, 4), rule("std", 5, 0)]
    text = said(contacts=9, first_day="2025-06-01", last_day="2025-06-02", by_rule=rules)
    places = [text.index(heading) for heading in ("Law\n", "Recommended", "What the platform itself", "House practice")]
    assert places == sorted(places)
    assert "· T: 3, and 4 more that a person has to look at first" in text
    assert "· T: 2 that a person has to look at first" in text
    assert "· T: 5\n" in text


def test_everything_that_was_not_judged_is_said() -> None:
    unread = [
        {"name": EVIL, "status": "partial", "reason": EVIL, "rejects": 0},
        {"name": "told.xml", "status": "rejected", "reason": "r", "rejects": 0},
        {"name": "fine.csv", "status": "ok", "reason": None, "rejects": 3},
    ]
    late = skipped("not_in_force", "C", first="2026-01-01")
    rules = [skipped("failed", "A", error="e"), skipped("not_given", "B", what=["settled", "due"])]
    rules += [{**late, "title_en": f"C{n}", "title_zh": f"丙{n}"} for n in range(7)]
    owners = [{"name": "a.xml", "owner_basis": "unknown"}, {"name": "b.xml", "owner_basis": "declared"}]
    more: dict[str, Any] = {"unread": unread, "not_judged": rules, "owners": owners, "unknown_numbers": 2, "rejects": 3}
    errors = ({"input": "told.xml", "reason": EVIL, "named": True},)
    text = " ".join(said(errors=errors, **more).split())
    for part in (
        f"told.xml: {SAFE}",
        f"{SAFE}: read in part. {SAFE}",
        "2 numbers nobody has named",
        "3 records could not be read",
        "--owner a.xml=NUMBER",
        "because the rule failed: e: A",
        "because nothing is given on settled, due date: B",
        "came into force on 2026-01-01, after these contacts: C0, C1, C2, C3, C4 and 2 more",
    ):
        assert part in text
    assert text.count("told.xml") == 1
    assert "fine.csv" not in text
    chinese = said("zh", errors, **more).replace("\n", "").replace(" ", "")
    assert "丙0、丙1、丙2、丙3、丙4等，另有2条" in chinese
    assert "已结清、到期日" in chinese


@pytest.mark.parametrize(
    ("changes", "commands"),
    [
        ({}, [("status", "c")]),
        ({"by_rule": [rule("law", 1, 0)]}, [("show", "c")]),
        ({"by_rule": [rule("law", 1, 0)], "unknown_numbers": 1}, [("show", "c"), ("people", "c", "--suggest")]),
        ({"unknown_numbers": 1}, [("people", "c", "--suggest")]),
    ],
)
def test_the_next_command(changes: dict[str, Any], commands: list[tuple[str, ...]]) -> None:
    assert next_commands("c", {**OVERVIEW, **changes}) == commands


def test_commands_can_be_copied() -> None:
    sheet, out = page()
    sheet.command("show", "张三 的案卷/" + "long " * 40)
    assert out.getvalue() == "  collectaudit show '张三 的案卷/" + "long " * 40 + "'\n"


def finding(**changes: Any) -> dict[str, Any]:
    law = {"instrument": "I", "article": None, "url": "https://example.invalid", "in_force_from": "2025-01-01"}
    exhibit = {
        "source": EVIL,
        "parser": "table",
        "locator": "L1",
        "sha256": "ab" * 32,
        "at_local": "2025-06-01 22:10:00.5",
    }
    return {
        "finding_id": "1a2b3c4d5e6f7081", "rule_id": "r", "title": "T", "message": EVIL, "tier": "review",
        "severity": "low", "account": None, "authority": "promise", "sql": "SELECT 1\n-- 2", "verdict": None,
        "words": None, "speech": None,
        "facts": {"channel": "call", "agreed": False, "allowed_if": ["unreachable", "refusal"], "odd": EVIL},
        "citations": [{**law, "quote": EVIL}],
        "law": {**law, "authority": "promise", "modality": "promise", "confidence": "R", "reviewed": "2026-01-01",
                "caveat": EVIL},
        "exhibits": [
            {**exhibit, "raw": EVIL, "second_record": False},
            {**exhibit, "raw": None, "second_record": True, "same_why": "number_overlap"},
        ],
        **changes,
    }  # fmt: skip


def test_a_finding_shows_its_records_and_hides_nothing() -> None:
    sheet, out = page()
    finding_page(sheet, "case", finding(limits="Cannot see X."))
    text = out.getvalue()
    assert text.count(SAFE) == 7
    for part in (
        "channel: call",
        "hours agreed on: no",
        "debtor cannot be reached, refusal",
        "Cannot see X.",
        "2025-06-01 22:10:00\n",
        "second record of the same contact",
        "could not be taken out",
        "  SELECT 1\n  -- 2",
        "collectaudit review case 1a2b3c4d5e6f7081 confirmed",
    ):
        assert part in text


def test_a_verdict_and_many_records() -> None:
    sheet, out = page("zh")
    many = finding()["exhibits"] * 30
    finding_page(sheet, "case", finding(verdict="dismissed", exhibits=many))
    assert "另有 10 条" in out.getvalue()
    assert "人的判断：排除" in out.getvalue()
    assert "collectaudit review" not in out.getvalue()


def test_lists_of_hostile_things() -> None:
    sheet, out = page()
    rejects(sheet, [{"source": EVIL, "locator": "L1", "reason": "r", "raw": EVIL * 50}])
    suggestions(sheet, "case", [{"number": EVIL, "contacts": 1, "suggested_role": "family",
                                 "reasons": [{"key": "contact_name", "args": {"words": EVIL}}]}])  # fmt: skip
    checks(
        sheet, [{"check": EVIL, "result": "bad", "detail": EVIL}, {"check": "y", "result": "ok", "detail": ""}], False
    )
    assert "\x1b" not in out.getvalue()
    assert "\u202e" not in out.getvalue()
    assert "Something is not as it was recorded" in out.getvalue()


@pytest.mark.parametrize("width", ["40", "80", "nonsense", ""])
def test_tables_fit(monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    sheet, out = page("zh")
    row = {"source": "borrower/calls.xml", "locator": "L1", "reason": "时间读不出" * 10, "raw": "a" * 200}
    rejects(sheet, [row])
    limit = int(width) if width.isdigit() else 100
    lines = out.getvalue().splitlines()
    assert max(sum(2 if ord(char) > 0x2E80 else 1 for char in line) for line in lines) <= limit
    assert "".join(line.split()[-1] for line in lines).count("a") >= 100
