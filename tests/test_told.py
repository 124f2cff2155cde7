"""What only a person states: it counts as a contact, keeps its name, and by itself is never a finding."""

import csv
from pathlib import Path

import pytest
from exports import AGENT, ME, calls, people
from toldkit import stated_outcome

from collectaudit import contact, drawers, story, views
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.cli import main
from collectaudit.errors import WrongUse
from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import parser_for, told

VISIT = {"at": "2025-06-01 22:40", "channel": "visit", "contacted": ME, "said": "再不还钱就打断你的腿"}
HEADER = "at,channel,number,who,contacted,role,outcome,said,account,note,by,told_at"


# What may be written down


@pytest.mark.parametrize(
    ("given", "row"),
    [
        ({"at": "2025-6-1 9:05"}, {"at": "2025-06-01 09:05", "role": "debtor"}),
        ({"at": "2025年6月1日"}, {"at": "2025-06-01"}),
        ({"channel": "call", "outcome": "unanswered"}, {"outcome": "unanswered"}),
        ({"role": "family", "who": ""}, {"role": "family"}),
    ],
)
def test_a_statement_is_written_in_one_form(given: dict[str, str], row: dict[str, str]) -> None:
    found = drawers.told({**VISIT, **given})
    assert {key: found[key] for key in row} == row
    assert "who" not in found


@pytest.mark.parametrize(
    "given",
    [
        {"at": ""}, {"at": "yesterday"}, {"at": "2025-06-01T10:00+08:00"}, {"channel": "telepathy"}, {"channel": ""},
        {"contacted": ""}, {"role": "collector"}, {"role": "aunt"}, {"outcome": "connected"}, {"said": "a\x00b"},
        {"said": "长" * 2001}, {"colour": "red"},
    ],
)  # fmt: skip
def test_what_cannot_be_a_statement_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(WrongUse):
        drawers.told({**VISIT, **given})


# How it is read


def read(path: Path, text: str, encoding: str = "utf-8-sig") -> list[Record | Reject]:
    path.write_bytes(text.encode(encoding))
    (path.parent / "work").mkdir(exist_ok=True)
    assert parser_for(path, "x") is told
    return list(told.read(Job(path, "told.csv", path.parent / "work"), Facts("told")))


ROWS = [
    "2025-06-01 22:40,visit,,催收员,13800138000,debtor,,再不还钱就去你单位,,,me,2025-06-02T00:00:00Z",
    "2025-06-03,短信,02188880000,,13800138001,family,,请转告他还钱,A1,,me,2025-06-04T00:00:00Z",
]


def test_a_statement_keeps_its_name_wherever_it_stands(tmp_path: Path) -> None:
    first = read(tmp_path / "a", "\r\n".join([HEADER, *ROWS]))
    turned = read(tmp_path / "b", "\n".join([HEADER, "", *reversed(ROWS), ""]))
    assert [one.locator for one in first] == [one.locator for one in reversed(turned)]
    assert len({one.locator for one in first}) == 2
    twice = read(tmp_path / "c", "\n".join([HEADER, ROWS[0], ROWS[0]]))
    assert [one.locator for one in twice] == [first[0].locator, f"{first[0].locator}.2"]


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8-sig", ","), ("gb18030", ","), ("utf-16", "\t"), ("utf-8", ";")]
)
def test_it_is_read_as_a_spreadsheet_leaves_it(tmp_path: Path, encoding: str, separator: str) -> None:
    text = "\n".join([HEADER, *ROWS]).replace(",", separator)
    one, two = read(tmp_path / "a", text, encoding)
    assert isinstance(one, Record) and isinstance(two, Record)
    assert one.fields["caller"] == "unknown" and one.fields["collector"] == "caller"
    assert (one.fields["callee"], one.fields["role"], one.fields["agent"]) == (ME, "debtor", "催收员")
    assert (two.fields["channel"], two.fields["caller"], two.fields["account"]) == ("sms", AGENT, "A1")
    assert "再不还钱就去你单位" in one.raw


def test_a_kind_of_contact_that_nobody_knows_is_rejected(tmp_path: Path) -> None:
    (one,) = read(tmp_path / "a", HEADER + "\n2025-06-01,飞鸽,,,13800138000,,,x,,,,\n")
    assert isinstance(one, Reject) and "飞鸽" in one.reason


# How it is judged (the invented law: calls to the debtor from 8 to 22; at most 2 effective calls a day, 2 unanswered
# ones to a relative's number; a run is 3 calls within 10 minutes; no call on the 6 days after a conversation)

FIRED = {
    "hours": ("date time log\n2025-06-02 22:30 -\n2025-06-03 22:30 told", {"e1": ["hours"], "e2": ["hours?"]}),
    "count without it": (
        "date time log\n2025-06-02 09:00 -\n2025-06-02 10:00 -\n2025-06-02 11:00 -\n2025-06-02 12:00 told",
        {"e3": ["effective"]},
    ),
    "count only with it": (
        "date time log\n2025-06-02 09:00 -\n2025-06-02 10:00 told\n2025-06-02 11:00 -", {"e3": ["effective?"]}
    ),
    "run without it": (
        "date time log\n2025-06-02 09:00 -\n2025-06-02 09:05 -\n2025-06-02 09:10 -\n2025-06-02 09:15 told",
        {"e3": ["burst"]},
    ),
    "run only with it": (
        "date time log\n2025-06-02 09:00 -\n2025-06-02 09:05 told\n2025-06-02 09:10 -", {"e3": ["burst?"]}
    ),
    "conversation that is stated": (
        "date time log\n2025-06-02 09:00 told\n2025-06-04 09:00 -", {"e2": ["cooldown?"]}
    ),
    "conversation that is logged": (
        "date time log\n2025-06-02 09:00 -\n2025-06-04 09:00 -", {"e2": ["cooldown"]}
    ),
}  # fmt: skip
RULES = {
    "hours": "out-of-hours", "count": "contact-frequency", "run": "redial-burst",
    "conversation": "cooldown-after-conversation",
}  # fmt: skip


@pytest.mark.parametrize("name", FIRED)
def test_a_statement_alone_is_never_a_finding(tmp_path: Path, name: str) -> None:
    contacts, fired = FIRED[name]
    assert stated_outcome(tmp_path, contacts, [RULES[name.split(" ", 1)[0]]]).fired() == fired


def test_words_that_are_only_stated_ask_for_a_reader(tmp_path: Path) -> None:
    rows = ("2025-06-02 10:00 sms - threat.violence/T01", "2025-06-03 10:00 visit told threat.violence/T01")
    contacts = "\n".join(("date time channel log wording", *rows))
    found = stated_outcome(tmp_path, contacts, ["threatening-language"])
    assert {row["event_id"]: row["tier"] for row in found.findings} == {"e1": "finding", "e2": "review"}


def test_nobody_is_held_to_what_somebody_does_not_remember(tmp_path: Path) -> None:
    contacts = "date time channel log wording\n2025-06-02 10:00 sms - none\n2025-06-03 10:00 sms told none"
    found = stated_outcome(tmp_path, contacts, ["missing-statement"])
    assert {row["event_id"] for row in found.findings} <= {"e1"}


# The whole way


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Two calls at night in a log."""
    log = calls(tmp_path / "in" / "calls.xml", [("2025-06-05 22:30:00", "in", 60), ("2025-06-20 22:30:00", "in", 60)])
    roles = people(tmp_path / "in" / "people.csv", f"{AGENT},collector", f"{ME},debtor")
    return audit([log, roles], out=tmp_path / "case", owners={"": ME}, regimes=["cn.gbt45251"])


def again(case: Case) -> Case:
    return audit([], out=case.path)


def night(case: Case) -> dict[str, str]:
    """Event → tier of its finding about hours."""
    sql = "SELECT event_id, tier FROM findings WHERE rule_id = 'out-of-hours'"
    return {row["event_id"]: row["tier"] for row in case.query(sql)}


def test_a_stated_visit_counts_and_its_verdict_stays_when_more_is_stated(case: Case) -> None:
    before = night(case)
    assert sorted(before.values()) == ["finding", "finding"]
    case.tell(**VISIT)
    assert story.waiting(case) == 1
    case = again(case)
    assert story.waiting(case) == 0
    new = night(case).keys() - before.keys()
    (event_id,) = new
    assert night(case) == {**before, event_id: "review"}
    about = contact.contact(case, event_id, "zh")
    assert about and about["told"] and about["turns"][0]["told"] and about["precision"] == "minute"
    assert (about["from_number"], about["from_role"], about["to_role"]) == ("hidden", "collector", "debtor")
    (row,) = [row for row in views.findings(case, lang="zh") if row["evidence"][0]["event_id"] == event_id
              and row["rule_id"] == "out-of-hours"]  # fmt: skip
    assert story.rests_on_word(case, row["finding_id"]) == 1
    assert "再不还钱就打断你的腿" in str(
        case.raw(about["records"][0]["sha256"], "told", about["records"][0]["locator"])
    )
    case.review(row["finding_id"], "confirmed")
    case.tell(**{**VISIT, "at": "2025-06-02", "said": "又来了一次"})
    case = again(case)
    assert len(case.query("FROM told")) == 2
    assert {f["finding_id"]: f["verdict"] for f in views.findings(case, lang="zh")}[row["finding_id"]] == "confirmed"


def test_the_same_call_in_a_log_counts_once_and_only_the_words_are_stated(case: Case) -> None:
    before = night(case)
    case.tell(at="2025-06-05 22:31", channel="call", number=AGENT, contacted=ME, said="再不还钱就打断你的腿")
    case = again(case)
    assert night(case) == before
    assert case.query("FROM told") == []
    (second,) = case.query("SELECT same_as, same_why FROM events WHERE source_id = 'told'")
    assert second["same_as"] in before and second["same_why"] == "time"
    words = case.query("SELECT finding_id, event_id, tier FROM findings WHERE rule_id = 'threatening-language'")
    assert {(row["event_id"], row["tier"]) for row in words} <= {(second["same_as"], "review")}
    about = contact.contact(case, second["same_as"], "zh")
    assert about and not about["told"] and [turn["told"] for turn in about["turns"]] == [True]


def test_a_run_depends_on_what_is_stated(case: Case) -> None:
    run = case.run()
    assert again(case).run() == run
    case.tell(**VISIT)
    assert again(case).run() != run


def test_a_drawer_that_cannot_be_read_is_said(case: Case) -> None:
    case.tell(**VISIT)
    path = case.path / drawers.TOLD
    path.write_text(path.read_text(encoding="utf-8-sig").replace("visit", "飞鸽"), encoding="utf-8")
    with pytest.raises(WrongUse, match=r"told\.csv"):
        again(case)


def test_the_command_writes_and_shows_it(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    about = ["--at", "2025-06-01 22:40", "--channel", "上门", "--contacted", ME, "--said", "=再不还钱就打断你的腿"]
    assert main(["--lang", "zh", "tell", str(case.path), *about]) == 0
    assert "本人陈述" in capsys.readouterr().out
    with (case.path / drawers.TOLD).open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["channel"], row["role"], row["said"]) == ("visit", "debtor", "'=再不还钱就打断你的腿")
    case = again(case)
    (finding,) = [event for event in night(case) if event.startswith("told:")]
    ids = case.query("SELECT finding_id FROM findings WHERE event_id = ? AND rule_id = 'out-of-hours'", [finding])
    assert main(["--lang", "zh", "show", str(case.path), ids[0]["finding_id"]]) == 0
    shown = capsys.readouterr().out
    assert "本人陈述" in shown and "不列为疑点" in shown
    assert main(["--lang", "en", "tell", str(case.path), *about[:-4], "--contacted", ""]) == 2
