"""Logs of switches: by which zone they write, which end is their own, which rows are one call; damaged ones."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_reading import DATA, job, rows

from collectaudit.reading import Task, read_into
from collectaudit.records import Record, Reject
from collectaudit.sources import _switch, parsers, table

NOON = 1_712_310_022  # 5 April 2024, 09:40:22 UTC
SUMMER, WINTER = "America/New_York", datetime(2024, 11, 3, 5, 0, tzinfo=UTC)
HEADERLESS = [
    "asterisk", "asterisk_custom", "asterisk_linked", "freepbx_rows", "freeswitch", "freeswitch_15", "freeswitch_18",
    "avaya_ip_office",
]  # fmt: skip


def asterisk(start: str, epoch: int, src: str = "3201", dst: str = "13800138000", seq: int = 1) -> str:
    return (f'"","{src}","{dst}","c","","SIP/a","SIP/b","Dial","x,60","{start}","{start}","{start}",72,63,"ANSWERED",'
            f'"DOCUMENTATION","{epoch}.{seq}",""')  # fmt: skip


def stamp(epoch: float, zone: str, late: int = 0) -> str:
    return f"{datetime.fromtimestamp(epoch + late, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def version_1(epoch: float) -> str:
    ticks = int(epoch * 10_000_000) + 122_192_928_000_000_000
    return f"{ticks & 0xFFFFFFFF:08x}-{ticks >> 32 & 0xFFFF:04x}-1{ticks >> 48:03x}-a000-000000000001"


def read(folder: Path, content: str, zone: str = "Asia/Shanghai", region: str = "CN") -> tuple[dict[str, Any], Any]:
    """As an audit reads: the ledger, and the typed rows."""
    path, out = folder / "0123", folder / "read"
    path.write_text(content, encoding="utf-8")
    out.mkdir(exist_ok=True)
    ledger = read_into(Task("Master.csv", "0" * 64, path.stat().st_size, zone, region), path, out)
    records = out / "records.parquet"
    return ledger, pl.read_parquet(records).to_dicts() if records.exists() else []


# the moment that an id tells


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1712310022.12", NOON), ("pbx-1712310022.12", NOON), ("my_pbx-2-1712310022.0", NOON), (" 1712310022.1 ", NOON),
        (version_1(NOON), NOON), (version_1(NOON).upper(), NOON),
        ("d80e22e0-4c15-11ea-97a0-9dd79410affb", 1_581_346_729),
        ("7adced1a-4c7c-41ea-b08c-2bfc2a06d67d", None), ("1712310022", None), ("17123100221.2", None),
        ("71231.1", None),
        ("CA00000000000000000000000000000000", None), ("", None), ("13800138000.1", None), ("..1", None),
    ],
)  # fmt: skip
def test_what_an_id_tells(text: str, expected: int | None) -> None:
    made = _switch.made_at(text)
    assert made is None if expected is None else int(made or 0) == expected


@given(st.integers(1_100_000_000, 1_890_000_000))
def test_a_uuid_and_an_epoch_tell_the_same(epoch: int) -> None:
    assert uuid.UUID(version_1(epoch)).version == 1
    assert _switch.made_at(version_1(epoch)) == _switch.made_at(f"{epoch}.1")


# the zone in which a switch writes


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
@pytest.mark.parametrize("many", [1, 2, 40])
def test_the_moment_is_right_whatever_zone_a_switch_writes(tmp_path: Path, zone: str, many: int) -> None:
    lines = [asterisk(stamp(NOON + 3600 * n, zone), NOON + 3600 * n) for n in range(many)]
    ledger, found = read(tmp_path, "\n".join(lines))
    assert ledger["status"] == "ok"
    moments = [datetime(2024, 4, 5, 9, 40, 22) + timedelta(hours=n) for n in range(many)]  # noqa: DTZ001 — as stored
    assert [row["at_utc"] for row in found] == moments
    assert [row["at_local"] for row in found] == [at + timedelta(hours=8) for at in moments]
    assert {row["utc_offset"] for row in found} == {28_800}
    assert any(note.endswith(f"by {many} of {many} call ids") for note in ledger["notes"])
    there = "that is not the time of Asia/Shanghai: going by its call ids, each time was converted to it"
    assert (there in ledger["notes"]) == (zone != "Asia/Shanghai")


def test_where_the_clocks_were_changed_each_row_has_its_offset(tmp_path: Path) -> None:
    """Hours before and after the change to winter time, the hour that comes twice with them."""
    began = int((WINTER - timedelta(hours=20)).timestamp())
    lines = [asterisk(stamp(began + 1800 * n, SUMMER), began + 1800 * n) for n in range(90)]
    ledger, found = read(tmp_path, "\n".join(lines), SUMMER, "US")
    assert [row["at_utc"].replace(tzinfo=UTC).timestamp() for row in found] == [began + 1800 * n for n in range(90)]
    assert {row["utc_offset"] for row in found} == {-14_400, -18_000}
    assert "its times are UTC-05:00, UTC-04:00 by 90 of 90 call ids" in ledger["notes"]


def test_a_call_in_summer_and_one_in_winter_are_enough() -> None:
    calls = (NOON, NOON + 250 * 86_400)
    clock = _switch.measure([(f"{made}.1", stamp(made, SUMMER)) for made in calls])
    assert (clock.offsets, clock.agreeing) == ((-18_000, -14_400), 2)


def test_legs_that_begin_later_do_not_shift_the_zone() -> None:
    """A transfer half an hour into the call has the id of the call, and would fit the zone beside."""
    starts = [(f"{NOON + 100 * n}.{n}", stamp(NOON + 100 * n, "Asia/Shanghai", late)) for n in range(20)
              for late in (0, 1800, 3600)]  # fmt: skip
    clock = _switch.measure(starts)
    assert (clock.offsets, clock.measured, clock.agreeing, clock.drifting) == ((28_800,), 20, 20, 0)
    assert {clock.offset(start, _switch.made_at(name)) for name, start in starts} == {"+08:00"}


def test_a_clock_that_was_behind_on_some_days_is_told_and_not_corrected() -> None:
    behind = [(version_1(NOON + 60 * n), stamp(NOON + 60 * n, "Asia/Shanghai", -17 * 60)) for n in range(5)]
    right = [(version_1(NOON + 86_400 + 60 * n), stamp(NOON + 86_400 + 60 * n, "Asia/Shanghai")) for n in range(5)]
    clock = _switch.measure([*behind, *right])
    assert (clock.offsets, clock.agreeing, clock.drifting) == ((28_800,), 5, 5)
    assert clock.offset(behind[0][1], _switch.made_at(behind[0][0])) == "+08:00"
    assert list(clock.notes("Asia/Shanghai")) == [
        "its times are UTC+08:00 by 5 of 10 call ids",
        "the clock of its times differs from that of its call ids in 5 calls, by up to 17 min",
    ]


@pytest.mark.parametrize("late", [100, 1000, 5000, 7 * 60 + 13])
def test_one_id_that_fits_no_zone_shifts_nothing(tmp_path: Path, late: int) -> None:
    ledger, (row,) = read(tmp_path, asterisk(stamp(NOON, "Asia/Shanghai", late), NOON))
    assert str(row["at_local"]) == stamp(NOON, "Asia/Shanghai", late)
    assert "its times and its call ids fit no time zone: the times are read by Asia/Shanghai" in ledger["notes"]


def test_ids_by_chance_shift_nothing() -> None:
    dice = random.Random(7)  # noqa: S311 — the same ones each time
    starts = [
        (f"{NOON + 999 * n}.{n}", stamp(NOON + 999 * n, "UTC", dice.randrange(-40_000, 50_000))) for n in range(99)
    ]
    assert _switch.measure(starts).offsets == ()


def test_saved_again_by_a_spreadsheet_the_zone_is_still_told() -> None:
    starts = [
        (version_1(NOON + 77 * n), stamp(NOON + 77 * n, "Asia/Shanghai")[:-3].replace("-", "/")) for n in range(9)
    ]
    clock = _switch.measure(starts)
    assert (clock.offsets, clock.agreeing, clock.drifting) == ((28_800,), 9, 0)


def test_the_offsets_in_use() -> None:
    assert _switch.OFFSETS[0] == -12 * 3600
    assert _switch.OFFSETS[-1] == 14 * 3600
    assert {_switch.written(offset) for offset in _switch.OFFSETS} >= {"+00:00", "+05:45", "-03:30", "-09:30", "+12:45"}


# which end is the switch's own


@pytest.mark.parametrize(
    ("caller", "callee", "own"),
    [
        ("3201", "13800138000", "caller"), ("13800138000", "3201", "callee"), ("601", "010-88880000", "caller"),
        ("3201", "138****8000", "caller"), ("+12025550123", "101", "callee"), ("3201", "3202", None),
        ("3201", "", None),
        ("13800138000", "01088880000", None), ("95588", "01088880000", None), ("110", "13800138000", None),
        ("3201", "95588", None), ("911", "+12025550123", None), ("211553", "13800138000", None),
        ("s", "13800138000", None),
        ("3201", "&", None), ("anonymous", "3201", None), ("", "", None), ("12025550123", "3201", "callee"),
    ],
)  # fmt: skip
def test_the_own_end(caller: str, callee: str, own: str | None) -> None:
    assert _switch.own_end(caller, callee) == own


# damaged, cut, in another order


@pytest.mark.parametrize("stem", HEADERLESS)
def test_in_another_order_the_rows_are_the_same(tmp_path: Path, stem: str) -> None:
    lines = (DATA / f"{stem}.csv").read_text(encoding="utf-8").splitlines()
    straight = [item.fields for item in rows(job(tmp_path, "\n".join(lines).encode()))[0] if isinstance(item, Record)]
    lines.reverse()
    turned = [item.fields for item in rows(job(tmp_path, "\n".join(lines).encode()))[0] if isinstance(item, Record)]
    assert turned[::-1] == straight


@pytest.mark.parametrize("stem", HEADERLESS)
def test_cut_anywhere_a_row_is_whole_or_a_reject(tmp_path: Path, stem: str) -> None:
    text = (DATA / f"{stem}.csv").read_text(encoding="utf-8").rstrip("\n")
    first, before = text.splitlines()[0], "\n".join([text] * 4)
    (whole,) = rows(job(tmp_path, first.encode()))[0]
    assert isinstance(whole, Record)
    for end in [*range(1, len(first), 11), *range(len(first) - 8, len(first))]:
        items, _ = rows(job(tmp_path, f"{before}\n{first[:end]}".encode()))
        cut = items[-1]
        if isinstance(cut, Record) and cut.locator == f"L{before.count(chr(10)) + 2}":
            told = {**cut.fields, "call": whole.fields.get("call"), "offset": whole.fields.get("offset")}
            assert {k: v for k, v in told.items() if v} == dict(whole.fields), first[:end]


def test_columns_in_another_order_are_no_log(tmp_path: Path) -> None:
    cells = asterisk("2024-04-05 17:40:22", NOON).split(",")
    with pytest.raises(Exception, match="no column map fits"):
        rows(job(tmp_path, "\n".join([",".join(cells[::-1])] * 5).encode()))


def test_a_damaged_row_among_others_is_a_reject(tmp_path: Path) -> None:
    good = [asterisk(stamp(NOON + n, "Asia/Shanghai"), NOON + n) for n in range(9)]
    items, _ = rows(job(tmp_path, "\n".join([*good, good[0].replace("ANSWERED", "72")]).encode()))
    assert [type(item) for item in items] == [Record] * 9 + [Reject]
    last = items[-1]
    assert isinstance(last, Reject)
    assert last.reason == "column 'disposition' does not hold what it should: the row is damaged"


@pytest.mark.parametrize(
    "stem", [*HEADERLESS, "freepbx", "vicidial", "twilio_calls", "us_att", "us_verizon", "us_tmobile"]
)
@pytest.mark.parametrize("name", ["Master.csv", "cdr", "13800138000_20240405174022.txt"])
def test_exactly_one_reader_claims_a_log(stem: str, name: str) -> None:
    head = (DATA / f"{stem}.csv").read_bytes()
    assert [parser.NAME for parser in parsers() if parser.claims(head, name)] == ["table"]


def test_one_line_is_enough_to_know_a_log() -> None:
    assert table.claims(asterisk("2024-04-05 17:40:22", NOON).encode(), "x")


def test_a_list_of_other_things_is_no_log() -> None:
    assert not table.claims(b'"a","b"\n', "x")
    assert not table.claims(b"2024-04-05 17:40:22 started\n", "x")


# bills that round up, tables that name a zone


def test_minutes_that_were_rounded_up_are_a_range(tmp_path: Path) -> None:
    content = (DATA / "us_att.csv").read_text(encoding="utf-8")
    ledger, found = read(tmp_path, content, "America/New_York", "US")
    assert (ledger["events"], ledger["owner_number"]) == (3, "+12025550123")
    assert [(row["duration_s"], row["least_s"], row["connected"]) for row in found] == [
        (300, 241, True), (60, 1, True), (60, 1, True),
    ]  # fmt: skip
    assert [(str(row["at_local"]), row["precision"]) for row in found][:2] == [
        ("2024-04-05 17:40:00", "minute"), ("2024-04-05 18:02:00", "minute"),
    ]  # fmt: skip


def test_messages_below_the_calls_of_a_bill_are_messages(tmp_path: Path) -> None:
    calls = (DATA / "us_att.csv").read_text(encoding="utf-8").rstrip("\n").splitlines()
    head = "Item,Day,Date,Time,To/From,Type,Msg/KB,Rate Code,Rate Pd,Feature,In/Out,Total Charge "
    rest = [
        "1,FRI,04/05/2024,5:40PM,202-555-0199,Text Message,1 Msg,SMH,AT,SMSG,Rcvd,0.00",
        "2,FRI,04/05/2024,5:41PM,202-555-0199,Text Message,1 Msg,SMH,AT,SMSG,Sent,0.00",
        "3,FRI,04/05/2024,5:42PM,Data Transfer,Internet,200 KB,SMH,AT,GPRR,Sent,0.00",
    ]
    ledger, found = read(tmp_path, "\n".join([*calls, "", head, *rest, ""]), "America/New_York", "US")
    assert (ledger["events"], ledger["records"] - ledger["events"]) == (5, 1)
    assert [row["channel"] for row in found if str(row["at_local"]) >= "2024-04-05 17:40:00"].count("sms") == 2


def test_calls_below_the_messages_of_a_bill_are_read_too(tmp_path: Path) -> None:
    calls = (DATA / "us_att.csv").read_text(encoding="utf-8").rstrip("\n").splitlines()
    messages = (DATA / "us_att_messages.csv").read_text(encoding="utf-8").rstrip("\n").splitlines()
    ledger, found = read(tmp_path, "\n".join([*messages, "", *calls[5:], ""]), "America/New_York", "US")
    assert ledger["records"] == 5
    assert {row["channel"] for row in found} == {"sms", "call", "voicemail"}


def test_a_header_that_names_a_zone_is_believed(tmp_path: Path) -> None:
    content = (DATA / "us_tmobile.csv").read_text(encoding="utf-8")
    _, found = read(tmp_path, content, "America/New_York", "US")
    assert [str(row["at_local"]) for row in found] == ["2024-04-05 20:40:00", "2024-04-05 21:02:00"]
    assert {row["precision"] for row in found} == {"minute"}


def test_times_in_utc_become_times_of_the_place(tmp_path: Path) -> None:
    content = (DATA / "twilio_calls.csv").read_text(encoding="utf-8")
    _, found = read(tmp_path, content, "America/New_York", "US")
    assert [str(row["at_local"]) for row in found][::2] == ["2024-04-05 05:40:22", "2024-04-05 06:00:00"]
