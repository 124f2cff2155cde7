"""The law that ships: nothing unsourced, and on each day exactly the values that were in force."""

import re
from datetime import date, time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from collectaudit.lawtables import CHANNELS, CONDUCTS, KINDS, ROLES
from collectaudit.regimes import TABLES, Provision, Regime, check_regimes, load_regimes, select, write_law
from collectaudit.resources import folder

REGIMES = load_regimes()
PROVISIONS = [(regime, provision) for regime in REGIMES for provision in regime.provisions]
IDS = [provision.provision_id for _, provision in PROVISIONS]


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> dict[str, duckdb.DuckDBPyConnection]:
    return {place: _tables(select(REGIMES, place), tmp_path_factory.mktemp("law")) for place in ("cn", "us")}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return _tables(REGIMES, tmp_path_factory.mktemp("law"))


def _tables(regimes: list[Regime], path: Path) -> duckdb.DuckDBPyConnection:
    write_law(regimes, path)
    connection = duckdb.connect()
    for table in TABLES:
        connection.read_parquet(str(path / f"{table}.parquet")).create_view(table)
    return connection


def _in_force(law: duckdb.DuckDBPyConnection, table: str, day: str, where: str = "true") -> set[str]:
    query = f"SELECT DISTINCT provision_id FROM {table} WHERE in_force_from <= $1 AND $1 < in_force_until AND {where}"
    return {name.split("@")[0] for (name,) in law.execute(query, [date.fromisoformat(day)]).fetchall()}


def test_every_shipped_file_is_without_fault_and_bears_its_id() -> None:
    assert check_regimes([folder("regimes")]) == []
    assert [regime.id for regime in REGIMES] == sorted(path.stem for path in folder("regimes").glob("*.toml"))


@pytest.mark.parametrize(("regime", "provision"), PROVISIONS, ids=IDS)
def test_every_value_is_cited_and_bilingual(regime: Regime, provision: Provision) -> None:
    assert provision.confidence in ("V", "R", "R!")
    assert provision.article
    assert re.match(r"https?://|urn:sha256:|docs/", provision.url)
    assert provision.fires == (provision.confidence != "R!")
    assert re.search("[一-鿿]", provision.text_zh)
    assert not re.search("[一-鿿]", provision.text_en)
    assert not re.search(r"[,;:?](?=[一-鿿])|(?<=[一-鿿])[,;:?]", provision.text_zh + (provision.caveat_zh or ""))
    assert provision.quote is None or regime.authority == "promise"


def test_what_only_a_person_can_settle_is_for_review() -> None:
    """Promises of a platform that nobody named, offences about illegal debts, notice-type calls."""
    review = {provision.provision_id.split("@")[0] for _, provision in PROVISIONS if provision.tier == "review"}
    assert {"cn.gbt45251/notice-calls", "cn.nifa2024/notice-calls", "cn.cba2026/family"} <= review
    assert {f"cn.criminal/{key}" for key in ("violence", "restraint", "harassment")} <= review
    assert "cn.gbt45251/interactive-calls" not in review


@pytest.mark.parametrize(
    ("regime", "fact", "values", "when_unknown"),
    [
        ("claim.wolai", "lender", ("我来数科",), "review"),
        ("claim.toutiao", "lender", ("今日头条", "今日頭條"), "silent"),
        ("claim.wallets", "product", ("digital_wallet", "电子钱包", "数字钱包"), "silent"),
        ("claim.unnamed-30-days", "lender", ("claim.unnamed-30-days",), "silent"),
        ("claim.unnamed-p2p", "lender", ("claim.unnamed-p2p",), "silent"),
        ("cn.card2011", "product", ("credit_card", "信用卡"), "silent"),
        ("cn.cfc2024", "lender_type", ("consumer_finance", "消费金融", "消费金融公司"), "silent"),
    ],
)
def test_to_whom_a_regime_applies(regime: str, fact: str, values: tuple[str, ...], when_unknown: str) -> None:
    [found] = [item for item in REGIMES if item.id == regime]
    assert found.applies_to is not None
    assert (found.applies_to.fact, found.applies_to.values, found.applies_to.when_unknown) == (
        fact, values, when_unknown,
    )  # fmt: skip


def test_a_platforms_statement_says_where_it_comes_from() -> None:
    promises = [regime for regime in REGIMES if regime.authority == "promise"]
    assert len(promises) == 5
    for regime in promises:
        assert regime.applies_to is not None
        assert re.search(r"claimed by an (undated )?article", regime.title_en)
        assert "所称" in regime.title_zh
        assert all(provision.modality == "promise" for provision in regime.provisions)
        assert all(provision.url.startswith("urn:sha256:") for provision in regime.provisions)


# Which hours a contact with the debtor falls outside of; select() as for a case in that jurisdiction.
OUT_OF_HOURS = [
    ("cn", "2017-06-01", "22:10", set()),
    ("cn", "2023-06-01", "22:10", set()),
    ("cn", "2024-04-04", "22:10", set()),
    ("cn", "2024-04-05", "22:10", {"claim.wolai"}),
    ("cn", "2024-05-14", "22:10", {"claim.wolai"}),
    ("cn", "2024-05-15", "22:10", {"claim.wolai", "cn.nifa2024"}),
    ("cn", "2025-02-27", "22:10", {"claim.wolai", "cn.nifa2024"}),
    ("cn", "2025-02-28", "22:10", {"claim.wolai", "cn.gbt45251"}),
    ("cn", "2025-06-01", "21:40", {"claim.wolai"}),
    ("cn", "2025-06-01", "22:10", {"claim.wolai", "cn.gbt45251"}),
    ("cn", "2025-06-01", "22:00", {"claim.wolai", "cn.gbt45251"}),
    ("cn", "2025-06-01", "21:00", {"claim.wolai"}),
    ("cn", "2025-06-01", "20:59", set()),
    ("cn", "2025-06-01", "08:00", set()),
    ("cn", "2025-06-01", "07:59", {"claim.wolai", "cn.gbt45251"}),
    ("cn", "2026-01-29", "22:10", {"claim.wolai", "cn.gbt45251"}),
    ("cn", "2026-01-30", "22:10", {"claim.wolai", "cn.gbt45251", "cn.cba2026"}),
    ("cn", "2026-03-01", "22:10", {"claim.wolai", "cn.gbt45251", "cn.cba2026"}),
    ("us", "2021-11-29", "21:30", set()),
    ("us", "2021-11-30", "21:30", {"us.regf"}),
    ("us", "2025-06-01", "21:00", set()),
    ("us", "2025-06-01", "21:01", {"us.regf"}),
    ("us", "2025-06-01", "08:00", set()),
    ("us", "2025-06-01", "07:59", {"us.regf"}),
]


@pytest.mark.parametrize("channel", ["call", "sms"])
@pytest.mark.parametrize(("jurisdiction", "day", "at", "regimes"), OUT_OF_HOURS)
def test_hours_on_a_day(
    law: dict[str, duckdb.DuckDBPyConnection], jurisdiction: str, day: str, at: str, regimes: set[str], channel: str
) -> None:
    outside = (
        f"channel = '{channel}' AND to_role = 'debtor' AND weekday = {date.fromisoformat(day).isoweekday()} AND"
        f" (TIME '{at}' < opens OR TIME '{at}' > closes OR (TIME '{at}' = closes AND NOT closes_inclusive))"
    )
    assert _in_force(law[jurisdiction], "contact_hours", day, outside) == {f"{name}/hours" for name in regimes}


# Which counts and intervals were in force at all, house standards aside.
NUMBERS = [
    ("2017-12-31", set()),
    ("2018-03-28", set()),
    ("2024-05-14", set()),
    ("2024-05-15", {"cn.nifa2024/notice-calls"}),
    ("2025-02-27", {"cn.nifa2024/notice-calls"}),
    ("2025-02-28", {"cn.gbt45251/interactive-calls", "cn.gbt45251/notice-calls"}),
    ("2026-01-29", {"cn.gbt45251/interactive-calls", "cn.gbt45251/notice-calls"}),
    ("2026-01-30", {"cn.gbt45251/interactive-calls", "cn.gbt45251/notice-calls", "cn.cba2026/unanswered-calls"}),
]


@pytest.mark.parametrize(("day", "expected"), NUMBERS)
def test_numbers_in_force_in_china(everything: duckdb.DuckDBPyConnection, day: str, expected: set[str]) -> None:
    chinese = "provision_id NOT LIKE 'us.%' AND provision_id NOT LIKE 'practice/%'"
    numbers = [_in_force(everything, table, day, chinese) for table in ("contact_limits", "cooldowns", "redial_bursts")]
    assert set().union(*numbers) == expected


@pytest.mark.parametrize(
    ("provision", "expected"),
    [
        ("cn.gbt45251/interactive-calls", ("call", "debtor", "effective", 1, 3, 30, "debtor", "collector")),
        ("cn.gbt45251/notice-calls", ("call", "debtor", "connected", 1, 3, None, "debtor", "lender")),
        ("cn.nifa2024/notice-calls", ("call", "debtor", "connected", 1, 3, None, "debtor", "lender")),
        ("cn.cba2026/unanswered-calls", ("call", "debtor", "unanswered", 1, 6, None, "number", "collector")),
        ("us.regf/seven-in-seven", ("call", "debtor", "attempt", 7, 7, None, "debtor", "collector")),
    ],
)
def test_what_is_counted(everything: duckdb.DuckDBPyConnection, provision: str, expected: tuple[Any, ...]) -> None:
    columns = "channel, to_role, unit, days, max_count, min_seconds, per, scope"
    query = f"SELECT {columns} FROM contact_limits WHERE starts_with(provision_id, ?)"
    assert everything.execute(query, [provision]).fetchall() == [expected]


# (table, provision, day before, day in force, a day after or None, columns, the rows for a call to the mother/debtor)
TERMS: list[tuple[str, str, str, str, str | None, str, list[tuple[Any, ...]]]] = [
    ("contact_hours", "cn.gbt45251/hours", "2025-02-27", "2025-02-28", None, "to_role, opens, closes, waiver",
     [("debtor", time(8), time(22), "agreed_hours"), ("family", time(8), time(22), "agreed_hours")]),
    ("contact_hours", "cn.cba2026/hours", "2026-01-29", "2026-01-30", None, "to_role, opens, closes, waiver",
     [("debtor", time(8), time(22), "quiet_hours_consent"), ("family", time(8), time(22), "quiet_hours_consent")]),
    ("contact_hours", "cn.nifa2024/hours", "2024-05-14", "2024-05-15", "2025-02-28", "to_role, waiver",
     [("debtor", "agreed_hours"), ("family", "agreed_hours")]),
    ("contact_hours", "us.regf/hours", "2021-11-29", "2021-11-30", None, "to_role, opens, closes, closes_inclusive",
     [("debtor", time(8), time(21), True)]),
    ("third_party_terms", "cn.gbt45251/contacts", "2025-02-27", "2025-02-28", None, "to_role, allowed_if",
     [("family", "deceased"), ("family", "incapacity"), ("family", "unreachable")]),
    ("third_party_terms", "cn.cba2026/family", "2026-01-29", "2026-01-30", None, "to_role, allowed_if",
     [("family", "unreachable")]),
    ("third_party_terms", "cn.cfc2024/unrelated-persons", "2024-04-17", "2024-04-18", None, "to_role, allowed_if",
     [("family", None)]),
    ("third_party_terms", "cn.card2011/family", "2011-12-31", "2012-01-01", None, "to_role, allowed_if",
     [("family", None)]),
    ("third_party_terms", "claim.wolai/contacts", "2024-04-04", "2024-04-05", None, "to_role, allowed_if",
     [("family", "third_party_consent"), ("family", "unreachable")]),
    ("third_party_terms", "claim.unnamed-30-days/family-30-days", "2026-11-20", "2026-11-21", None,
     "to_role, min_days_past_due", [("family", 30)]),
    ("third_party_terms", "us.regf/location-once-family", "2021-11-29", "2021-11-30", None, "to_role, max_contacts",
     [("family", 1)]),
    ("stop_terms", "cn.gbt45251/contact-refusal", "2025-02-27", "2025-02-28", None, "to_role, fact",
     [("family", "refusal")]),
    ("stop_terms", "claim.wolai/settled", "2024-04-04", "2024-04-05", None, "to_role, fact",
     [("debtor", "settled"), ("family", "settled")]),
    ("stop_terms", "us.fdcpa/cease", "2021-11-29", "2021-11-30", None, "to_role, fact", [("debtor", "cease_request")]),
    ("stop_terms", "us.fdcpa/represented", "2021-11-29", "2021-11-30", None, "to_role, fact",
     [("debtor", "represented"), ("family", "represented")]),
    ("cooldowns", "us.regf/after-conversation", "2021-11-29", "2021-11-30", None, "to_role, days, per",
     [("debtor", 7, "debtor")]),
    ("redial_bursts", "practice/redial", "1999-12-31", "2025-06-01", None, "to_role, gap_minutes, min_calls",
     [("debtor", 10, 4), ("family", 10, 4)]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "provision", "before", "day", "after", "columns", "expected"), TERMS)
def test_terms_before_in_and_after_force(
    everything: duckdb.DuckDBPyConnection, table: str, provision: str, before: str, day: str, after: str | None,
    columns: str, expected: list[tuple[Any, ...]],
) -> None:  # fmt: skip
    mine = f"provision_id LIKE '{provision}@%'"
    assert _in_force(everything, table, before, mine) == set()
    assert after is None or _in_force(everything, table, after, mine) == set()
    query = (
        f"SELECT DISTINCT {columns} FROM {table} WHERE {mine} AND channel = 'call' AND to_role IN ('debtor', 'family')"
        f" AND in_force_from <= $1 AND $1 < in_force_until ORDER BY ALL"
    )
    assert everything.execute(query, [date.fromisoformat(day)]).fetchall() == expected


def test_orders_and_channels_of_the_platforms(everything: duckdb.DuckDBPyConnection) -> None:
    steps = (
        "SELECT step, channel, by_agency FROM escalation_steps WHERE provision_id LIKE $1 AND step < $2 ORDER BY ALL"
    )
    assert everything.execute(steps, ["claim.wolai/%", 2]).fetchall() == [(1, "call", False), (1, "sms", False)]
    assert everything.execute(steps, ["claim.unnamed-p2p/%", 9]).fetchall() == [
        (1, "email", None), (1, "sms", None), (2, "call", None), (3, "visit", None),
    ]  # fmt: skip
    channels = everything.execute("SELECT channel FROM permitted_channels ORDER BY 1").fetchall()
    assert channels == [("call",), ("email",), ("sms",), ("visit",), ("voicemail",)]


@pytest.mark.parametrize(
    ("conduct", "until_2025", "from_2026"),
    [
        ("T01", {"第四十二条第（一）项"}, {"第五十条第一款第（一）项"}),
        ("T03", {"第二十六条第（二）项、第（四）项"}, {"第三十条第（二）项、第（四）项", "第五十条第一款第（五）项"}),
        ("T04", set(), {"第五十六条"}),
        ("T07", {"第五十一条"}, {"第六十二条第一款、第二款"}),
        ("T08", {"第五十一条"}, {"第六十二条第三款"}),
        ("T11", {"第五十二条"}, {"第六十三条"}),
        ("T20", {"第四十条第（三）项"}, {"第四十七条第（三）项"}),
        ("T21", set(), {"第五十条第一款第（五）项"}),
        (
            "T29",
            {"第四十二条第（二）项", "第四十二条第（五）项"},
            {"第五十条第一款第（二）项", "第五十条第一款第（五）项"},
        ),
    ],
)
def test_the_renumbered_police_law_is_cited_by_date(
    everything: duckdb.DuckDBPyConnection, conduct: str, until_2025: set[str], from_2026: set[str]
) -> None:
    query = (
        "SELECT DISTINCT article FROM banned_conduct b JOIN provisions p USING (provision_id)"
        " WHERE regime LIKE 'cn.psapl%' AND conduct = $1 AND b.in_force_from <= $2 AND $2 < b.in_force_until"
    )
    for day, articles in ((date(2025, 12, 31), until_2025), (date(2026, 1, 1), from_2026)):
        assert {article for (article,) in everything.execute(query, [conduct, day]).fetchall()} == articles


def test_every_kind_of_provision_is_in_use() -> None:
    assert {provision.kind for _, provision in PROVISIONS} == set(KINDS)


def test_what_is_only_cited_has_no_row(everything: duckdb.DuckDBPyConnection) -> None:
    tables = [table for table in TABLES if table not in ("provisions", "regime_scopes")]
    rows = " UNION ".join(f"SELECT provision_id FROM {table}" for table in tables)
    judged = {name for (name,) in everything.execute(rows).fetchall()}
    assert judged == {item.provision_id for _, item in PROVISIONS if item.fires and item.kind != "principle"}
    assert "cn.gbt45251/seven-days@2025-02-28" not in judged


def test_the_page_about_regimes_names_all_of_them() -> None:
    page = (Path(__file__).parents[1] / "docs" / "regimes.md").read_text(encoding="utf-8")
    for word in (*KINDS, *(regime.id for regime in REGIMES)):
        assert f"`{word}`" in page, word
    for word in (*CONDUCTS, *CHANNELS, *ROLES):
        assert re.search(rf"\b{word}\b", page), word
