"""The case folder: made whole, one writer at a time, options, runs, questions and what people write."""

import re
from pathlib import Path
from typing import Any

import pytest
from casekit import HASH, add_source, publish, write_run

from collectaudit.case import Case
from collectaudit.errors import CollectAuditError, IntegrityError, WrongUse
from collectaudit.evidence import excerpt as excerpts
from collectaudit.evidence.verify import verify


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


def test_a_new_case_has_its_folders_and_options(case: Case) -> None:
    assert sorted(p.name for p in case.path.iterdir()) == [
        "case.json", "ledger", "lock", "log", "maps", "originals", "runs", "tmp",
    ]  # fmt: skip
    assert case.options == {"jurisdiction": "cn", "time_zone": "Asia/Shanghai", "owners": {}}
    assert case.run() is None and case.state() == "empty" and verify(case).ok


def test_creating_again_opens_it(case: Case) -> None:
    again = Case.create(case.path, jurisdiction="us", time_zone="America/New_York")
    assert again.options["jurisdiction"] == "cn" and again.log_head() == case.log_head()


def a_file(path: Path) -> None:
    path.write_text("x", encoding="utf-8")


def other_things(path: Path) -> None:
    path.mkdir()
    (path / "holiday.jpg").write_bytes(b"")


def hidden_things(path: Path) -> None:
    path.mkdir()
    (path / ".git").mkdir()


@pytest.mark.parametrize(
    ("make", "sentence"), [(a_file, "is not a folder"), (other_things, r"holiday\.jpg"), (hidden_things, r"\.git")]
)
def test_a_place_that_holds_other_things_is_left_alone(tmp_path: Path, make: Any, sentence: str) -> None:
    make(tmp_path / "place")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(WrongUse, match=sentence) as problem:
        Case.create(tmp_path / "place")
    assert problem.value.fix and sorted(tmp_path.rglob("*")) == before


def test_an_empty_folder_becomes_a_case_and_parents_are_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert Case.create(tmp_path / "empty").state() == "empty"
    assert Case.create(tmp_path / "a" / "b" / "案件 [1]").state() == "empty"


@pytest.mark.parametrize("name", ["nothing", "folder"])
def test_what_is_not_a_case_is_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(WrongUse, match="is not a case folder") as problem:
        Case.open(tmp_path / name)
    assert "collectaudit audit INPUT… -o" in problem.value.fix


def test_a_case_of_a_later_version_is_not_touched(case: Case) -> None:
    about = case.path / "case.json"
    about.write_text(about.read_text(encoding="utf-8").replace('"schema": 1', '"schema": 2'), encoding="utf-8")
    with pytest.raises(WrongUse, match="another version"):
        _ = case.options


@pytest.mark.parametrize(
    ("zone", "hint"), [("Asia/Shangai", "Asia/Shanghai"), ("../../etc/passwd", ""), ("", ""), ("\0", "")]
)
def test_a_time_zone_must_exist(case: Case, zone: str, hint: str) -> None:
    with pytest.raises(WrongUse, match="there is no time zone") as problem:
        case.set_options({**case.options, "time_zone": zone})
    assert hint in problem.value.fix


def test_options_are_kept_and_logged_without_their_values(case: Case) -> None:
    options = {**case.options, "owners": {"phone-a": "+12025550102"}, "regimes": ["demo"]}
    case.set_options(options)
    assert Case.open(case.path).options == options
    head = case.log_head()
    case.set_options(options)
    assert case.log_head() == head, "nothing changed, nothing written"
    assert "2025550102" not in (case.path / "log" / "audit.jsonl").read_text(encoding="utf-8")


def test_case_json_that_was_edited_stops_the_next_command(case: Case) -> None:
    about = case.path / "case.json"
    about.write_text(about.read_text(encoding="utf-8").replace("Shanghai", "Tokyo"), encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"case\.json is damaged or was changed"), case.session():
        pass


def test_column_maps_are_remembered_for_their_source(case: Case, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("a = 1\n", encoding="utf-8")
    assert case.keep_map(HASH, None) is None
    kept = case.keep_map(HASH, tmp_path / "m.toml")
    assert kept is not None and kept.read_text(encoding="utf-8") == "a = 1\n"
    head = case.log_head()
    assert case.keep_map(HASH, tmp_path / "m.toml") == case.keep_map(HASH, None) == kept and case.log_head() == head
    (tmp_path / "m.toml").write_text("a = 2\n", encoding="utf-8")
    assert case.keep_map(HASH, tmp_path / "m.toml") == case.keep_map(HASH, None) != kept
    with pytest.raises(CollectAuditError, match="cannot be read"):
        case.keep_map(HASH, tmp_path / "none.toml")
    assert verify(case).ok


def test_a_run_is_published_with_its_manifest(case: Case) -> None:
    run = publish(case, "r1")
    assert run == case.path / "runs" / "r1" == case.run()
    manifest = (run / "manifest.json").read_text(encoding="utf-8")
    assert '"out-of-hours"' in manifest and '"rows": 1' in manifest and "202" not in manifest.partition('"files"')[0]
    assert case.query("SELECT finding_id, verdict FROM findings LEFT JOIN verdicts USING (finding_id)") == [
        {"finding_id": "f" * 16, "verdict": None}
    ]


def test_the_same_tables_again_are_the_same_run_and_others_never_replace_it(case: Case) -> None:
    first = publish(case, "r1")
    before = (first / "manifest.json").stat()
    assert publish(case, "r1") == first
    assert (first / "manifest.json").stat().st_ino == before.st_ino
    other = publish(case, "r1", name="other.csv")
    assert other.name == "r1-2" and case.run() == other and first.is_dir()
    assert publish(case, "r1", name="other.csv") == other
    assert publish(case, "r1") == first == case.run()
    assert verify(case).ok


def test_a_damaged_run_is_put_right_by_the_same_audit(case: Case) -> None:
    run = publish(case, "r1")
    (run / "events.parquet").write_bytes(b"PAR1")
    assert not verify(case).ok
    assert publish(case, "r1") == run and verify(case).ok


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", ".", "a b", "x" * 81, "é"])
def test_a_run_id_is_a_plain_word(case: Case, run_id: str) -> None:
    with pytest.raises(WrongUse, match="cannot be the id of a run"):
        publish(case, run_id)
    assert verify(case).ok


def test_the_manifest_names_the_drawers_that_were_read(case: Case) -> None:
    case.label("+1 202-555-0101", "collector")
    with case.session():
        (drawer,) = case.drawers()
        staged = case.staging()
        write_run(staged)
        case.publish(staged, "r1", {})
    (line,) = [line for line in verify(case).lines if line.what == "people.csv"]
    assert (line.status, line.detail) == ("not_checked", "edited by people; as the last audit used it")
    drawer.write_text("number,account\r\n", encoding="utf-8")
    (line,) = [line for line in verify(case).lines if line.what == "people.csv"]
    assert line.status == "not_checked" and re.search("the last audit used [0-9a-f]{64}", line.detail)


def test_without_a_run_questions_say_what_to_do(case: Case) -> None:
    with pytest.raises(WrongUse, match="has no run yet"):
        case.query("SELECT 1")


def test_a_question_takes_values_as_parameters_only(case: Case) -> None:
    publish(case)
    hostile = "x'); DROP TABLE verdicts; --"
    assert case.query("SELECT ? AS a, count(*) AS n FROM events WHERE account_id = ?", [hostile, hostile]) == [
        {"a": hostile, "n": 0}
    ]
    with case.connect(locked=True) as con, pytest.raises(Exception, match="Permission"):
        con.execute("SELECT * FROM read_text('/etc/hostname')").fetchall()


# State


def test_states(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    path = tmp_path / "in [1].csv"
    path.write_bytes(b"x")
    kept = case.keep(path)
    assert case.state() == "incomplete (1 source not read: run audit again)"
    (tmp_path / "two.csv").write_bytes(b"two")
    case.keep(tmp_path / "two.csv", reference=True)
    assert case.state() == "incomplete (2 sources not read: run audit again)"
    add_source(case, path)
    add_source(case, tmp_path / "two.csv", reference=True)
    assert case.state() == "incomplete (not judged: run audit again)"
    publish(case)
    assert case.state() == "clean"
    (tmp_path / "two.csv").unlink()
    assert case.state() == "original damaged: two.csv"
    case.original(kept.sha256).unlink()
    assert case.state() == "original damaged: in [1].csv, two.csv"
    (case.path / "log" / "audit.jsonl").write_bytes(b"x\n")
    assert case.state().startswith("log broken at line 1")


# People


def test_people_write_through_the_case_and_the_log_holds_no_names(case: Case) -> None:
    publish(case)
    case.label("+1 202-555-0101", "collector", name="示例姓名", organisation=None, account="A1")
    case.declare("refusal", account="A1", party="+1 202-555-0102", from_at="2025年6月1日 21:40", note="private words")
    case.review("f" * 16, "confirmed", note="private words", by="someone")
    assert case.query('SELECT finding_id, verdict, note, "by" FROM verdicts') == [
        {"finding_id": "f" * 16, "verdict": "confirmed", "note": "private words", "by": "someone"}
    ]
    case.review("f" * 16, "dismissed")
    assert case.query("SELECT verdict, note FROM verdicts") == [{"verdict": "dismissed", "note": None}]
    log = (case.path / "log" / "audit.jsonl").read_text(encoding="utf-8")
    assert log.count('"ev":"drawer.write"') == 4
    assert not re.search("示例|555-01|5550101|private|someone|A1", log)
    assert [path.name for path in case.drawers()] == ["people.csv", "facts.csv"]


def test_a_number_written_differently_is_the_same_number(case: Case) -> None:
    case.label("138 0013 8000", "collector")
    case.label("+86 13800138000", "family", name="示例")
    case.label("13800138000", "family", account="A2")
    assert (case.path / "people.csv").read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "'+86 13800138000,family,示例,,,,,", "13800138000,family,,,A2,,,",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("finding_id", "fix"), [("f" * 15 + "e", "Did you mean " + "f" * 16), ("nonsense", "List them with")]
)
def test_a_verdict_needs_a_finding(case: Case, finding_id: str, fix: str) -> None:
    publish(case)
    with pytest.raises(WrongUse, match="there is no finding") as problem:
        case.review(finding_id, "confirmed")
    assert fix in problem.value.fix and not (case.path / "reviews.csv").exists()


def test_the_words_of_a_record_can_be_shown_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case.create(tmp_path / "case")
    book = tmp_path / "contacts.vcf"
    book.write_bytes("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:示例\r\nTEL:+12025550102\r\nEND:VCARD\r\n".encode())
    sha256 = add_source(case, book)
    shown = case.raw(sha256, "vcard", "card[1]@L1")
    assert shown is not None and shown.startswith("BEGIN:VCARD") and "FN:示例" in shown
    assert case.raw(sha256, "vcard", "card[9]@L1") is None
    assert case.raw(sha256, "no such parser", "L2") is None
    monkeypatch.setattr(excerpts, "_SMALL_BYTES", 0)
    assert case.raw(sha256, "table", "L3") == "FN:示例" and case.raw(sha256, "table", "L9") is None
    assert not list((case.path / "tmp").iterdir())
