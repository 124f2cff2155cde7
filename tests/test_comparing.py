"""Agencies against each other: the statistics by hand, the counts on a small log, every number with its rows."""

import shutil
from datetime import date
from math import comb
from pathlib import Path

import pytest
from bigcase import sample_copy
from exports import AGENT, ME, epoch, people

from collectaudit import comparing, contacts, listing, portfolio
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.filtering import Wanted
from collectaudit.funnel import limits, wilson
from collectaudit.portfolio import Figure

# By hand: z = 1.96, z² = 3.8415. 0 of 10: upper end z²/(n + z²) = 3.8415/13.8415.
INTERVALS = [
    (0, 10, (0.0, 0.27754)), (5, 10, (0.23659, 0.76341)), (10, 10, (0.72247, 1.0)), (1, 1, (0.20654, 1.0)),
    (4, 40, (0.03958, 0.23052)), (300, 1000, (0.27241, 0.32912)),
]  # fmt: skip


@pytest.mark.parametrize(("part", "whole", "ends"), INTERVALS)
def test_an_interval_by_hand(part: int, whole: int, ends: tuple[float, float]) -> None:
    assert wilson(part, whole) == pytest.approx(ends, abs=1e-5)


def test_of_nothing_there_is_no_interval() -> None:
    assert wilson(0, 0) is None


def exactly(share: float, whole: int, tail: float) -> float:
    """The limit of Spiegelhalter's appendix, added up term by term."""
    below = 0.0
    for count in range(whole + 1):
        mass = comb(whole, count) * share**count * (1 - share) ** (whole - count)
        if below + mass > tail:
            return min(max((count - (below + mass - tail) / mass) / whole, 0.0), 1.0)
        below += mass
    raise AssertionError


@pytest.mark.parametrize("whole", [1, 2, 30, 200])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.99])
def test_limits_are_exact(share: float, whole: int) -> None:
    found = limits(share, whole)
    assert found[0.95] == pytest.approx((exactly(share, whole, 0.025), exactly(share, whole, 0.975)), abs=1e-9)
    assert found[0.998] == pytest.approx((exactly(share, whole, 0.001), exactly(share, whole, 0.999)), abs=1e-9)


def test_limits_of_one_coin_by_hand() -> None:
    """P(R ≤ 0) = 0.5: for 0.975 r is 1 and α = (1 − 0.975) / 0.5 = 0.05, so the limit is 0.95."""
    assert limits(0.5, 1)[0.95] == pytest.approx((0.0, 0.95))


def test_limits_of_very_many_are_those_of_a_normal_distribution() -> None:
    low, high = limits(0.3, 10_000_000)[0.998]
    deviation = 3.090232 * (0.3 * 0.7 / 10_000_000) ** 0.5
    assert (low, high) == pytest.approx((0.3 - deviation, 0.3 + deviation), abs=1e-7)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_where_all_or_none_have_one_there_is_no_chance(share: float) -> None:
    assert limits(share, 50) == {0.95: (share, share), 0.998: (share, share)}


HEADER = "案件编号,拨打时间,主叫号码,被叫号码,与本人关系,通话结果,通话时长(秒),坐席工号,受托方,委托方"
ONE, TWO = "样例催收服务部", "演示资产管理服务部"


def row(
    n: int, at: str, agency: str, agent: str = "A1", relation: str = "本人", result: str = "接通", number: int = 0
) -> str:
    """A call of an account of its own, so that no count over several calls finds anything."""
    seconds = "30" if result == "接通" else "0"
    caller, called = f"010-8888{1 if agency == ONE else 2}000", f"140{number or n:08}"
    return f"D{n:04},{at},{caller},{called},{relation},{result},{seconds},{agent},{agency},示例消费金融"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """40 calls of one agency, 4 of them in the night; 10 of another on one day, 5 in the night, some unanswered."""
    home = tmp_path_factory.mktemp("two")
    ten = [f"2026-03-{1 + n % 20:02} 10:{n:02}:00" for n in range(36)]
    night = [f"2026-03-{n + 2:02} 23:30:00" for n in range(4)]
    rows = [row(n, at, ONE, f"A{n % 2}") for n, at in enumerate([*ten, *night], 1)]
    rows += [
        row(100 + n, f"2026-03-05 {10 if n < 5 else 23}:1{n}:00", TWO, "", result="接通" if n % 2 else "无人接听")
        for n in range(10)
    ]
    (home / "in").mkdir()
    (home / "in" / "log.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return audit([home / "in"], out=home / "case", regimes=("cn.gbt45251",))


def counted(case: Case, figure: Figure) -> int:
    page = {"contacts": contacts.count, "findings": listing.count}[figure.page]
    return page(case, portfolio.wanted_of(figure))


def test_two_agencies_by_hand(two: Case) -> None:
    one, other = comparing.groups(two, Wanted({}))
    assert (one["name"], one["n"], one["flagged"].n, one["findings"].n) == (ONE, 40, 4, 4)
    assert (one["share"], one["per_1000"], one["few"]) == (0.1, 100.0, False)
    assert (one["low"], one["high"]) == pytest.approx((0.03958, 0.23052), abs=1e-5)
    assert (other["name"], other["n"], other["flagged"].n, other["few"]) == (TWO, 10, 5, True)
    assert comparing.overall([one, other]) == 9 / 50
    assert comparing.outside(other, 0.18) is None  # half of ten calls, and yet too few to say


def test_who_hands_in_little_is_seen(two: Case) -> None:
    one, other = comparing.groups(two, Wanted({}))
    assert one["has"] == {
        "outcome": (40, 40), "agent": (40, 40), "duration": (40, 40), "recording": (0, 40), "transcript": (0, 40)
    }  # fmt: skip
    assert other["has"]["agent"] == (0, 10)
    assert other["has"]["duration"] == (5, 5)
    assert (one["quiet_days"], other["quiet_days"], one["days"]) == (0, 19, 20)
    assert (one["first"], other["last"]) == (date(2026, 3, 1), date(2026, 3, 5))


def test_the_agents_of_one_agency(two: Case) -> None:
    wanted = Wanted({"agency": [ONE]})
    assert comparing.level(wanted) == "agent"
    assert [(row["name"], row["n"]) for row in comparing.groups(two, wanted)] == [("A0", 20), ("A1", 20)]


@pytest.mark.parametrize("until", ["", "2026-03-04"])
@pytest.mark.parametrize(
    "facets", [{}, {"agency": [ONE]}, {"agency": [TWO]}, {"channel": ["sms"]}, {"agency": [ONE, TWO]}]
)
def test_every_number_has_exactly_its_rows(two: Case, facets: dict[str, list[str]], until: str) -> None:
    wanted = Wanted(facets, until=until)
    for row in comparing.groups(two, wanted):
        for figure in (row["contacts"], row["flagged"], row["findings"]):
            assert figure.n == counted(two, figure)
    for row in comparing.declared(two, wanted):
        for figure in (row["declared"], row["checkable"]):
            assert figure.n == counted(two, figure)
    by = comparing.level(wanted)
    for row in comparing.by_rule(two, wanted):
        query = comparing.findings_scope(comparing.scope(wanted, by, row["name"]))
        assert row["n"] == counted(two, Figure(0, "findings", {**query, "rule": (row["rule"],)}))


def test_together_they_are_what_the_overview_counts(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    case = sample_copy(tmp_path_factory, tmp_path / "case")
    contacts_tile = portfolio.tiles(case, Wanted({}))[0].now
    assert sum(row["n"] for row in comparing.groups(case, Wanted({}))) == contacts_tile.n > 0


def test_a_dismissed_finding_is_held_against_nobody(two: Case, tmp_path: Path) -> None:
    case = Case.open(Path(shutil.copytree(two.path, tmp_path / "case")))
    finding = case.query(
        "SELECT finding_id FROM findings JOIN events USING (event_id) WHERE agency = $1 ORDER BY 1", [TWO]
    )
    case.review(finding[0]["finding_id"], "dismissed")
    other = comparing.groups(case, Wanted({}))[1]
    assert (other["flagged"].n, other["findings"].n) == (4, 4)
    case.review(finding[0]["finding_id"], "unsure")
    assert comparing.groups(case, Wanted({}))[1]["flagged"].n == 5


def test_the_funnel_reaches_from_the_fewest_to_the_most(two: Case) -> None:
    lines = comparing.funnel(comparing.groups(two, Wanted({})))
    assert (lines[0]["n"], lines[-1]["n"]) == (8, 44)
    assert all(line["low_998"] <= line["low_95"] <= 0.18 <= line["high_95"] <= line["high_998"] for line in lines)
    assert comparing.funnel([]) == []


def test_an_agency_far_from_the_others_is_outside() -> None:
    far = {"n": 1000, "share": 0.4, "few": False}
    assert comparing.outside(far, 0.3) == "above"
    assert comparing.outside({**far, "share": 0.2}, 0.3) == "below"
    assert comparing.outside({**far, "share": 0.31}, 0.3) is None


SAID = "【样例消费金融】您女儿在示例消费金融的借款已逾期，请您转告她今天之内还款。"


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A log that says debtor where it says spouse of the same number elsewhere; a message for somebody else."""
    home = tmp_path_factory.mktemp("doubtful")
    rows = [
        row(1, "2026-03-02 10:00:00", ONE), row(1, "2026-03-03 10:00:00", ONE, relation="配偶"),
        row(2, "2026-03-04 10:00:00", ONE), row(2, "2026-03-04 11:00:00", ONE, relation="配偶", number=77),
        row(1, "2026-03-06 10:00:00", ONE, result="无人接听"),
    ]  # fmt: skip
    (home / "in").mkdir()
    (home / "in" / "log.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    (home / "in" / "sms.xml").write_text(
        "<?xml version='1.0' encoding='UTF-8'?>\n<smses count=\"1\">\n"
        f'<sms protocol="0" address="{AGENT}" date="{epoch("2026-03-09 15:00:00")}" type="1" body="{SAID}" read="1" '
        'status="-1" />\n</smses>\n',
        encoding="utf-8",
    )
    people(home / "in" / "people.csv", f"{AGENT},collector,,{TWO}", f"{ME},debtor")
    return audit([home / "in"], out=home / "case", owners={"sms.xml": ME})


def test_what_speaks_against_the_log(doubtful: Case) -> None:
    found = {row["name"]: row for row in comparing.declared(doubtful, Wanted({}))}
    one, other = found[ONE], found[TWO]
    assert (one["declared"].n, one["checkable"].n, one["said"], one["number"]) == (2, 0, 0, 1)
    assert (other["declared"].n, other["checkable"].n, other["said"], other["number"]) == (1, 1, 1, 0)
    for row in found.values():
        for figure in (row["declared"], row["checkable"]):
            assert figure.n == counted(doubtful, figure)


def test_the_rows_behind_it(doubtful: Case) -> None:
    wanted = Wanted({})
    (number,) = comparing.doubted(doubtful, wanted, "number", "", 1)
    assert (str(number["at_local"]), number["roles"]) == ("2026-03-02 10:00:00", ["family"])
    (said,) = comparing.doubted(doubtful, wanted, "said", TWO, 1)
    assert said["quote"] in SAID
    assert comparing.doubted(doubtful, wanted, "said", ONE, 1) == []
    assert comparing.doubted(doubtful, wanted, "number", "", 2) == []
