"""Data: what is listed is what was read, exports hold the whole filter, the check of the case says what it found."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from appkit import EVIL, LANGUAGES, page, widget
from exports import AGENT, ME, calls, people

from collectaudit import contacts, holdings, listing, serve
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.listing import Wanted
from collectaudit.serve import task

pytest.importorskip("streamlit")
BROKEN = 60  # lines of a list of calls whose time cannot be read


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A call at night, and a list of calls most of which cannot be read."""
    folder = tmp_path_factory.mktemp("data")
    home = folder / "in"
    calls(home / "calls.xml", [("2026-03-02 23:10:00", "in", 60), ("2026-03-03 10:00:00", "in", 60)])
    people(home / "people.csv", f"{AGENT},collector,张专员,样例催收服务部", f"{ME},debtor")
    lines = [f"not a time {n} {EVIL},{AGENT},呼入,60" for n in range(BROKEN)]
    head = "通话时间,对方号码,呼叫类型,通话时长"
    (home / "calls.csv").write_text(
        "\n".join([head, *lines, f"2026-03-04 10:00:00,{AGENT},呼入,60", ""]), encoding="utf-8"
    )
    return audit([home], out=folder / "case", owners={"": ME}).path


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Iterator[Case]:
    """The same, each test's own."""
    shutil.copytree(made.parent, tmp_path, dirs_exist_ok=True)
    serve.begin(Desk(tmp_path / "none", tmp_path / "case"), "zh")
    yield serve.desk().case(key())


def key() -> str:
    return str(serve.desk().cases()[0]["key"])


def texts(test: Any) -> str:
    return "\n".join(element.value for kind in (test.text, test.title, test.subheader) for element in kind)


def rows(test: Any) -> list[Any]:
    return list((widget(test, "rows") or {"rows": []})["rows"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_files_and_their_counts(case: Case, lang: str) -> None:
    totals = holdings.totals(case)
    assert (totals["sources"], totals["rejects"]) == (3, BROKEN)
    assert totals["records"] == totals["events"] + totals["rejects"]
    test = page("data", lang, case=key())
    assert Words(lang, "app")("data.totals", **totals) in texts(test)
    assert len(rows(test)) == 3
    assert len(rows(page("data", lang, case=key(), faulty="1"))) == totals["faulty"] == 1


def test_what_could_not_be_read_is_listed_page_by_page_as_it_is(case: Case) -> None:
    assert holdings.count_rejects(case) == BROKEN
    first = rows(page("data", "zh", case=key(), view="rejects"))
    rest = rows(page("data", "zh", case=key(), view="rejects", page="2"))
    assert (len(first), len(rest)) == (holdings.ROWS, BROKEN - holdings.ROWS)
    assert "<script>" in first[0]["cells"][3]["text"]  # shown as text, by a widget that makes nothing of it
    assert "\u202e" not in first[0]["cells"][3]["text"]
    places = [row["cells"][1]["text"] for row in (*first, *rest)]
    assert len(set(places)) == BROKEN


def test_only_those_of_one_file(case: Case) -> None:
    (broken,) = holdings.rejecting(case)
    assert len(rows(page("data", "zh", case=key(), view="rejects", source=broken["source_id"]))) == holdings.ROWS
    unknown = page("data", "zh", case=key(), view="rejects", source="nothing")
    assert len(rows(unknown)) == holdings.ROWS  # as all


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", ["sources", "rejects", "runs", "exports", "outside", "whole", "nonsense"])
def test_every_part(case: Case, view: str, lang: str) -> None:
    assert case.run() is not None
    test = page("data", lang, case=key(), view=view)
    assert not test.exception
    assert not test.error


def test_the_runs_and_what_they_were_made_from(case: Case) -> None:
    run = case.run()
    assert run is not None
    (only,) = holdings.published(case)
    assert (only["run"], only["current"], only["sources"]) == (run.name, True, 3)
    assert only["rows"]["findings"] == listing.count(case, Wanted({}))
    assert run.name in texts(page("data", "zh", case=key(), view="runs"))


def written(case: Case, button: str, **asked: str) -> Path:
    """What lies in the folder for exports after this button."""
    test = page("data", "zh", case=key(), view="exports", **asked)
    test.button(key=button).click().run()
    task.wait(case, 60)
    assert not test.run().error
    found: Path = holdings.exported(case)[0]["path"]
    return found


def test_an_export_holds_every_finding_or_those_of_the_filter(case: Case) -> None:
    every = listing.count(case, Wanted({}))
    with written(case, "as-csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == every > 1
    made = written(case, "as-parquet", hour="23", severity="medium")
    some = listing.count(case, Wanted({"hour": ["23"], "severity": ["medium"]}))
    assert duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(made)]).fetchone() == (some,)
    assert 0 < some < every
    assert len(holdings.exported(case)) == 2


def test_contacts_are_exported_too(case: Case, tmp_path: Path) -> None:
    from collectaudit.export import export

    with export(case, tmp_path / "c.csv", what="contacts").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) == contacts.count(case, Wanted({})) == 3
    assert [row["at_local"] for row in found] == sorted(row["at_local"] for row in found)
    assert {row["from_number"] for row in found} == {"'+86" + AGENT.removeprefix("0")}  # no formula
    assert sum(int(row["findings"]) for row in found) == listing.count(case, Wanted({}))
    for ending in (".xlsx", ".jsonl", ".parquet"):
        assert export(case, tmp_path / f"c{ending}", what="contacts").stat().st_size > 100


def test_the_commands_for_other_programs_work(case: Case, tmp_path: Path) -> None:
    from collectaudit.export import export

    one, files = holdings.openers(case).values()
    assert case.path.name in one[0]
    made = export(case, tmp_path / "audit.duckdb")
    with duckdb.connect(str(made), read_only=True) as con:
        known = con.execute(one[1]).fetchall()
    run = case.run()
    with duckdb.connect() as con:
        assert con.execute(files[1].replace("findings.parquet", f"{run}/findings.parquet")).fetchall() == known
    assert sum(row[2] for row in known) == listing.count(case, Wanted({}))


@pytest.mark.parametrize("damaged", [False, True])
def test_the_case_is_checked(case: Case, damaged: bool) -> None:
    if damaged:
        file = next((case.path / "originals").rglob("*.xml"), None) or next(
            path for path in (case.path / "originals").rglob("*") if path.is_file() and path.suffix != ".json"
        )
        file.chmod(0o600)
        file.write_bytes(file.read_bytes() + b" ")
    test = page("data", "zh", case=key(), view="whole")
    assert holdings.log(case)["head"] == case.log_head()
    test.button(key="verify").click().run()
    task.wait(case, 60)
    test.run()
    assert not test.exception
    words = Words("zh", "app")
    assert words("data.not_sound" if damaged else "data.sound") in texts(test)
    case.review(listing.page(case, Wanted({}), 1, "zh")[0]["finding_id"], "unsure") if not damaged else None
    assert (holdings.checked(case) is None) is not damaged  # something was written since
