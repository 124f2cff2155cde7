"""What the overview counts: by hand on a small case, and over any filter that its lists hold as many rows."""

import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from bigcase import sample_copy
from exports import AGENT, ME, calls, people

from collectaudit import cases, contacts, listing, portfolio
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.desk import Desk
from collectaudit.filtering import Wanted
from collectaudit.portfolio import Figure

# Four calls of the agent, two of them in the night, and one by the debtor.
CALLS = [
    ("2026-03-02 23:10:00", "in", 60), ("2026-03-03 10:00:00", "in", 30), ("2026-03-09 23:40:00", "missed", 0),
    ("2026-03-10 10:20:00", "missed", 0), ("2026-03-10 11:00:00", "out", 20),
]  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("small")
    log = calls(home / "in" / "calls.xml", CALLS)
    people(home / "in" / "people.csv", f"{AGENT},collector,,样例催收服务部", f"{ME},debtor")
    return audit([log.parent], out=home / "case", owners={"": ME})


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """The sample, with verdicts of every kind."""
    case = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("judged") / "sample")
    found = [row["finding_id"] for row in case.query("SELECT finding_id FROM findings ORDER BY finding_id")]
    for n, verdict in enumerate(["confirmed"] * 6 + ["dismissed"] * 5 + ["unsure"] * 4):
        case.review(found[n * 4], verdict)
    yield case
    shutil.rmtree(case.path)


def counted(case: Case, figure: Figure) -> int:
    page = {"contacts": contacts.count, "findings": listing.count}[figure.page]
    return page(case, portfolio.wanted_of(figure))


def out_of_hours(case: Case) -> int:
    return listing.count(case, Wanted({"rule": ["out-of-hours"]}))


def test_the_tiles_of_a_small_case(small: Case) -> None:
    tiles = {tile.name: tile for tile in portfolio.tiles(small, Wanted({}))}
    assert tiles["contacts"].now.n == 4
    assert (tiles["covered"].now.n, tiles["covered"].of and tiles["covered"].of.n) == (0, 2)
    assert tiles["suspected"].now.n == listing.count(small, Wanted({})) > 0
    assert (tiles["confirmed"].now.n, tiles["reviewed"].now.n) == (0, 0)
    assert all(tile.late is None for tile in tiles.values())  # nine days, and no four weeks before them


def test_the_half_hours_of_a_small_case(small: Case) -> None:
    rows = portfolio.moments(small, Wanted({}))
    assert [(str(row["day"]), row["slot"], row["contacts"]) for row in rows] == [
        ("2026-03-02", 46, 1), ("2026-03-03", 20, 1), ("2026-03-09", 47, 1), ("2026-03-10", 20, 1),
    ]  # fmt: skip
    assert portfolio.hours(rows, "contacts") == {(1, 23): 2, (2, 10): 2}
    assert sum(row["n"] for row in portfolio.weeks(small, Wanted({})) if row["rule"] == "out-of-hours") == out_of_hours(
        small
    )


def test_a_period_is_compared_with_as_many_days_before(small: Case) -> None:
    wanted = Wanted({}, since="2026-03-07", until="2026-03-10")
    assert portfolio.compared(wanted, date(2026, 3, 2), date(2026, 3, 10)) == (
        (date(2026, 3, 7), date(2026, 3, 10)), (date(2026, 3, 3), date(2026, 3, 6)),
    )  # fmt: skip
    tile = portfolio.tiles(small, wanted)[0]
    assert (tile.now.n, tile.late and tile.late.n, tile.early and tile.early.n) == (2, 2, 1)


@pytest.mark.parametrize(
    ("since", "until"), [("2026-03-05", "2026-03-10"), ("2026-03-09", "2026-03-01"), ("", ""), ("2027-01-01", "")]
)
def test_without_records_before_nothing_is_compared(since: str, until: str) -> None:
    wanted = Wanted({}, since=since, until=until)
    assert portfolio.compared(wanted, date(2026, 3, 2), date(2026, 3, 10)) is None


def test_the_last_four_weeks_where_no_period_was_asked_for() -> None:
    spans = portfolio.compared(Wanted({}), date(2025, 1, 1), date(2026, 3, 29))
    assert spans == ((date(2026, 3, 2), date(2026, 3, 29)), (date(2026, 2, 2), date(2026, 3, 1)))


def any_filter(case: Case, chance: random.Random) -> Wanted:
    """Some values of some facets, some of them not in the case, and perhaps a period."""
    offered = portfolio.choices(case, Wanted({}))
    facets = {
        name: chance.sample([*values, "nothing"], chance.randint(1, len(values)))
        for name, values in offered.items() if values and chance.random() < 0.4
    }  # fmt: skip
    first = date(2026, 1, 5) + timedelta(days=chance.randint(0, 60))
    since = str(first) if chance.random() < 0.5 else ""
    return Wanted(
        facets, since=since, until=str(first + timedelta(days=chance.randint(0, 40))) if chance.random() < 0.5 else ""
    )


def figures(case: Case, wanted: Wanted) -> Iterator[Figure]:
    """Every number of the overview that a list has rows for."""
    for tile in portfolio.tiles(case, wanted):
        every = (tile.now, tile.of, tile.late, tile.late_of, tile.early, tile.early_of)
        yield from (figure for figure in every if figure and tile.name != "accounts")
    rows = portfolio.moments(case, wanted)
    for what in ("contacts", "findings"):
        for (day, hour), n in portfolio.hours(rows, what).items():
            yield portfolio.figure_of(what, wanted, n, weekday=(str(day),), hour=(str(hour),))
    for row in portfolio.weeks(case, wanted):
        yield portfolio.in_week("findings", wanted, row["week"], row["n"], rule=(row["rule"],))
    yield portfolio.waiting(case, wanted, "zh")[0]


@pytest.mark.parametrize("seed", range(12))
def test_every_number_has_exactly_its_rows(judged: Case, seed: int) -> None:
    wanted = any_filter(judged, random.Random(seed))  # noqa: S311 — invented filters
    for figure in figures(judged, wanted):
        assert figure.n == (counted(judged, figure) if figure.query is not None else 0), (wanted, figure)


def test_accounts_are_those_of_the_contacts_it_leads_to(judged: Case) -> None:
    tile = next(tile for tile in portfolio.tiles(judged, Wanted({})) if tile.name == "accounts")
    found = contacts.facets(judged, portfolio.wanted_of(tile.now))["account"]
    assert tile.now.n == len(found.keys() - {"-"})


def test_what_waits_is_the_gravest_first(judged: Case) -> None:
    figure, rows = portfolio.waiting(judged, Wanted({}), "en", rows=5)
    assert len(rows) == 5 < figure.n
    assert {row["severity"] for row in rows} <= {"severe", "high"}
    assert {row["verdict"] for row in rows} == {None}
    assert portfolio.waiting(judged, Wanted({"severity": ["low"]}), "en") == (Figure(0, "findings", None), [])


def test_an_empty_case_has_no_numbers(tmp_path: Path) -> None:
    assert list(cases.cases(Desk(tmp_path))) == []
    Case.create(tmp_path / "empty")
    assert [(row["name"], row["contacts"], row["state"]) for row in cases.cases(Desk(tmp_path))] == [
        ("empty", None, "empty")
    ]


def test_every_case_of_a_folder(judged: Case, small: Case, tmp_path: Path) -> None:
    for case, name in ((judged, "a"), (small, "b"), (small, "c")):
        shutil.copytree(case.path, tmp_path / name)
    for file in (tmp_path / "c" / "runs").rglob("findings.parquet"):
        file.chmod(0o600)
        file.write_bytes(b"PAR1 no")
    with Case.open(tmp_path / "b").session("audit"):  # somebody else is at work on it
        rows = {row["name"]: row for row in cases.cases(Desk(tmp_path))}
    assert {name: row["contacts"] for name, row in rows.items()} == {"a": 77, "b": 4, "c": None}
    assert (rows["a"]["confirmed"], rows["a"]["reviewed"]) == (6, 15)
    assert rows["a"]["suspected"] == listing.count(judged, Wanted({"verdict": list(portfolio.SUSPECTED)}))
    assert rows["a"]["waiting"] == portfolio.waiting(judged, Wanted({}), "zh")[0].n
    assert rows["c"]["problem"]


def test_a_page_of_the_folder(judged: Case, tmp_path: Path) -> None:
    for n in range(3):
        shutil.copytree(judged.path, tmp_path / str(n))
    assert [row["name"] for row in cases.cases(Desk(tmp_path), 1, 1)] == ["1"]


def test_numbers_follow_the_verdicts(small: Case, tmp_path: Path) -> None:
    shutil.copytree(small.path, tmp_path / "b")
    before = next(iter(cases.cases(Desk(tmp_path))))
    case = Case.open(tmp_path / "b")
    case.review(case.query("SELECT finding_id FROM findings ORDER BY ALL")[0]["finding_id"], "confirmed")
    after = next(iter(cases.cases(Desk(tmp_path))))
    assert (before["confirmed"], after["confirmed"]) == (0, 1)
    assert after["suspected"] == before["suspected"] - 1
