"""Databases as files: what lies beside them, damage, hostile ones, those of other apps; and the way into a case."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from phonedbs import CALLS, CONTACTS, MMSSMS, apple, build, fill, of, read, sms_tables

from collectaudit.arrivals import Problem, arrivals, missing
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.inspecting import inspect
from collectaudit.intake import bring, recognise
from collectaudit.records import Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import Unrecognised, companion, database, parsers

AT = 1_700_000_000
PAGE = 1024


def messages(many: int) -> dict[str, list[dict[str, object]]]:
    return {
        "handle": [{"id": f"+120255501{n:02}", "service": "SMS"} for n in range(20)],
        "message": [
            {"guid": f"G{n}", "text": f"words {n} " * 9, "handle_id": n % 20 + 1, "service": "SMS",
             "date": apple(AT + 60 * n), "is_from_me": 0} for n in range(many)
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("phone") / "sms.db", sms_tables(17), messages(120), page=PAGE)


def damaged(phone: Path, folder: Path, change: Callable[[list[bytes]], list[bytes]]) -> Path:
    data = phone.read_bytes()
    path = folder / "sms.db"
    path.write_bytes(b"".join(change([data[at : at + PAGE] for at in range(0, len(data), PAGE)])))
    return path


def told(path: Path) -> tuple[dict[str, object], str]:
    """The records that are read of a file, and whether it counts as whole."""
    try:
        rows, facts = read(path)
    except Unreadable:
        return {}, "rejected"
    return of([row for row in rows if isinstance(row, Record)], "other", "epoch_ms", "body"), facts.status


@pytest.mark.parametrize("share", [0.97, 0.8, 0.5, 0.5003, 0.2, 0.02, 0.001])
def test_a_file_that_was_cut(phone: Path, tmp_path: Path, share: float) -> None:
    whole, _ = told(phone)
    data = phone.read_bytes()
    (tmp_path / "sms.db").write_bytes(data[: int(len(data) * share)])
    found, status = told(tmp_path / "sms.db")
    assert found.items() <= whole.items()
    assert status in ("partial", "rejected")
    assert status == "rejected" or share < 0.2 or found


@pytest.mark.parametrize("seed", range(12))
def test_pages_in_disorder(phone: Path, tmp_path: Path, seed: int) -> None:
    whole, _ = told(phone)

    def mixed(pages: list[bytes]) -> list[bytes]:
        return [pages[0], *random.Random(seed).sample(pages[1:], len(pages) - 1)]  # noqa: S311 — not for a secret

    found, status = told(damaged(phone, tmp_path, mixed))
    assert found.items() <= whole.items()
    assert status in ("partial", "rejected")


def test_pages_that_are_blank(phone: Path, tmp_path: Path) -> None:
    whole, _ = told(phone)
    for at in range(1, len(phone.read_bytes()) // PAGE, 4):

        def blank(pages: list[bytes], at: int = at) -> list[bytes]:
            return [*pages[:at], bytes(PAGE), *pages[at + 1 :]]

        found, status = told(damaged(phone, tmp_path, blank))
        assert found.items() <= whole.items()
        assert status in ("partial", "rejected") or found == whole


SWAPPED = [  # tables of one page each, which changed places: SQLite itself does not notice
    (CALLS[4] + CONTACTS, "calls", "raw_contacts", {"calls": {"number": "1"}, "raw_contacts": {"sourceid": "s"}}),
    (  # with as many columns: one has an index, in which its rows are not found
        sms_tables(17), "chat_message_join", "chat_handle_join",
        {"chat_message_join": {"chat_id": 1, "message_id": 2}, "chat_handle_join": {"chat_id": 3, "handle_id": 4}},
    ),
    (  # with as many columns, of which those for text hold numbers
        CALLS[4] + "CREATE TABLE a (one TEXT, two INTEGER); CREATE TABLE b (one INTEGER, two TEXT)", "a", "b",
        {"a": {"one": "x", "two": 1}, "b": {"one": 1, "two": "x"}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "one", "other", "rows"), SWAPPED, ids=lambda value: str(value)[:20])
def test_tables_that_changed_places(
    tmp_path: Path, tables: str, one: str, other: str, rows: dict[str, dict[str, object]]
) -> None:
    path = build(tmp_path / "x.db", tables, {table: [row] for table, row in rows.items()})
    assert read(path)[1].status == "ok"
    connection = sqlite3.connect(path)
    roots = dict(connection.execute("SELECT name, rootpage - 1 FROM sqlite_master"))
    connection.close()
    data = path.read_bytes()
    pages = [data[at : at + 4096] for at in range(0, len(data), 4096)]
    pages[roots[one]], pages[roots[other]] = pages[roots[other]], pages[roots[one]]
    path.write_bytes(b"".join(pages))
    with pytest.raises(Unreadable, match="its pages are not in their places"):
        read(path)


def test_a_row_of_another_table_is_none_of_ours(tmp_path: Path) -> None:
    """SQLite leaves no number in a column for text: where one row of several has it, that row is none."""
    columns = "_id INTEGER PRIMARY KEY, number, date INTEGER, type INTEGER, duration INTEGER"
    calls = [{"number": number, "date": AT * 1000, "type": 1} for number in ("1", 2, "3")]
    path = build(tmp_path / "x.db", f"CREATE TABLE calls ({columns})", {"calls": calls})
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'number,', 'number TEXT,')"
    )
    connection.close()
    rows, facts = read(path)
    assert of(rows, "other") == {
        "calls[1]": ("1",), "calls[2]": "it is a row of another table: the database is damaged", "calls[3]": ("3",),
    }  # fmt: skip
    assert facts.status == "partial"


def test_bytes_that_are_no_characters(tmp_path: Path) -> None:
    path = build(tmp_path / "calllog.db", CALLS[4], {})
    connection = sqlite3.connect(path)
    for name in (b"\xff\xfe", b"cut \xed\xa0\xbd", b"a\0\0b"):
        values = f"'1', {AT}000, 1, 1, CAST(X'{name.hex()}' AS TEXT)"
        connection.execute(f"INSERT INTO calls (number, date, type, duration, name) VALUES ({values})")
    connection.commit()
    connection.close()
    assert of(read(path)[0], "name") == {
        "calls[1]": "it holds bytes that are no characters",
        "calls[2]": ("cut \ufffd",),
        "calls[3]": "it holds bytes that are no characters",
    }


def test_a_value_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectaudit.sources._sqlitefile.VALUE_BYTES", 4000)
    call = {"number": "1", "date": AT * 1000, "type": 2, "duration": 1}
    path = build(tmp_path / "calllog.db", CALLS[4], {"calls": [call, {**call, "name": "x" * 9000}, call]})
    assert of(read(path)[0], "other") == {
        "calls[1]": ("1",),
        "calls[2]": "a value of more than 32 MB",
        "calls[3]": ("1",),
    }


@pytest.mark.parametrize(
    "tables",
    ["CREATE VIEW calls AS SELECT 1 AS number, 2 AS date, 3 AS duration, 1 AS type;",
     "CREATE TABLE other (x); CREATE VIRTUAL TABLE calls USING fts3(number, date, duration, type);",
     "CREATE TABLE calls (number TEXT, date, duration, type, rowid TEXT);",
     "CREATE TABLE calls (number TEXT PRIMARY KEY, date, duration, type) WITHOUT ROWID;",
     "CREATE TABLE calls (number TEXT, duration, type, date AS (abs(number)));"],
)  # fmt: skip
def test_tables_that_only_look_like_it(tmp_path: Path, tables: str) -> None:
    with pytest.raises(Unreadable):
        read(build(tmp_path / "x.db", tables, {}))


def test_a_database_of_another_app(tmp_path: Path) -> None:
    with pytest.raises(Unrecognised, match=r"its tables: a, b, c, d, e, …$"):
        read(build(tmp_path / "x.db", "".join(f"CREATE TABLE {name} (x);" for name in "fedcba"), {}))
    build(tmp_path / "e.db", "CREATE TABLE x (y); DROP TABLE x;", {})
    with pytest.raises(Unreadable, match="holds no tables"):
        read(tmp_path / "e.db")


def test_only_this_reader_claims_them(phone: Path) -> None:
    head = phone.read_bytes()[:65536]
    assert [parser.NAME for parser in parsers() if parser.claims(head, "sms.db")] == ["database"]


# What lies beside a database


@pytest.fixture
def in_use(tmp_path: Path) -> Path:
    """A database as a running phone leaves it: ten messages in it, ten more in the file beside it."""
    source = tmp_path / "running" / "sms.db"
    source.parent.mkdir()
    rows = messages(20)
    build(source, sms_tables(17), {**rows, "message": rows["message"][:10]})
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA journal_mode = WAL")
    fill(connection, "", {"message": rows["message"][10:]})
    folder = tmp_path / "phone"
    folder.mkdir()
    for name in ("sms.db", "sms.db-wal", "sms.db-shm"):
        (folder / name).write_bytes((source.parent / name).read_bytes())
    connection.close()
    return folder


def test_beside() -> None:
    assert companion.beside("a/sms.db") == {"-wal": "a/sms.db-wal", "-journal": "a/sms.db-journal"}
    assert companion.beside("a/sms.db-wal") == companion.beside("a/sms.db-shm") == {"": "a/sms.db"}


def test_each_is_claimed_by_its_content(in_use: Path) -> None:
    for name in ("sms.db-wal", "sms.db-shm"):
        head = (in_use / name).read_bytes()[:65536]
        assert [parser.NAME for parser in parsers() if parser.claims(head, "x")] == ["companion"]
    for head, name in ((b"", "x.db-journal"), (bytes(512), "x.db-journal"), (b"", "x.db-wal")):
        assert [parser.NAME for parser in parsers() if parser.claims(head, name)] == ["companion"]
    assert not companion.claims(bytes(512), "x.db") and not companion.claims(b"", "empty.txt")


def test_the_random_bytes_of_an_index_are_no_table(in_use: Path) -> None:
    shm = (in_use / "sms.db-shm").read_bytes()
    numbers = b"\x13,\x13\x06v,\x9c\xf0\xe1,\x06\x11\n\xf2I\xb8,Wv+,$\xe1,"  # what looks like lines in columns
    head = shm[:24] + numbers + shm[48:72] + numbers + shm[96:]
    assert [parser.NAME for parser in parsers() if parser.claims(head, "sms.db-shm")] == ["companion"]


def test_a_database_with_what_lies_beside_it(in_use: Path) -> None:
    alone, facts = read(in_use / "sms.db")
    assert (len(alone), facts.status) == (10, "ok")
    assert facts.notes[1] == (
        "the newest records may be in a file beside it, of the same name with -wal, which was not handed in"
    )
    assert len(read(in_use / "sms.db", "-wal")[0]) == 20
    wal = in_use / "sms.db-wal"
    whole = wal.read_bytes()
    flipped = whole[:500] + bytes([whole[500] ^ 1]) + whole[501:]
    for damaged_one in (whole[:-100], flipped, bytes(16) + whole[16:], whole[:32]):
        wal.write_bytes(damaged_one)
        rows, facts = read(in_use / "sms.db", "-wal")
        assert (len(rows), facts.status) == (10, "partial")
    wal.write_bytes(whole + whole[32 : 32 + 8] + bytes(24 + 4096 - 8))  # what an earlier round left behind
    rows, facts = read(in_use / "sms.db", "-wal")
    assert (len(rows), facts.status) == (20, "ok")


def test_a_change_that_was_not_finished_is_taken_back(tmp_path: Path) -> None:
    source = build(tmp_path / "sms.db", sms_tables(17), messages(40))
    before = source.read_bytes()
    connection = sqlite3.connect(source, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN")
    connection.execute("UPDATE message SET text = 'changed'")
    (tmp_path / "copy").mkdir()
    for name in ("sms.db", "sms.db-journal"):
        (tmp_path / "copy" / name).write_bytes((tmp_path / name).read_bytes())
    connection.close()
    assert source.read_bytes() == before
    rows, _ = read(tmp_path / "copy" / "sms.db", "-journal")
    assert [row.fields["body"] for row in rows if isinstance(row, Record)] == [
        f"words {n} " * 8 + f"words {n}" for n in range(40)
    ]


def test_into_a_case_and_again(in_use: Path, tmp_path: Path) -> None:
    case = audit([in_use], out=tmp_path / "case", time_zone="America/New_York", jurisdiction="us")
    assert (case.errors, case.query("SELECT count(*) AS n FROM events")[0]["n"]) == ([], 20)
    by_name = {row["name"]: row for row in arrivals(case)}
    assert {name: (row["read_as"], row["status"], row["events"]) for name, row in by_name.items()} == {
        "phone/sms.db": ("iphone_messages", "ok", 20), "phone/sms.db-wal": ("companion", "ok", 0),
        "phone/sms.db-shm": ("companion", "ok", 0),
    }  # fmt: skip
    head = case.log_head()
    recognise(case)
    assert case.log_head() == head
    assert all(kept.before for kept in bring(case, in_use, lambda *_: None))
    assert sum(row["events"] for row in arrivals(case)) == 20
    sha256 = by_name["phone/sms.db"]["sha256"]
    assert "text: words 15 words 15" in (case.raw(sha256, "database", "message[16]") or "")
    assert case.raw(sha256, "database", "message[160]") is None
    assert case.raw(sha256, "database", "message[x]") is None


def test_calls_and_contacts_of_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    build(folder / "contacts2.db", CONTACTS + CALLS[4], {
        "calls": [{"number": "13800000001", "date": AT * 1000, "type": 2, "duration": 3}],
        "raw_contacts": [{"display_name": "张三"}],
        "data": [{"raw_contact_id": 1, "mimetype_id": 5, "data1": "138 0000 0001"}],
    })  # fmt: skip
    case = Case.create(tmp_path / "case")
    bring(case, folder, lambda *_: None)
    (row,) = arrivals(case)
    assert (row["read_as"], row["kind"], row["records"]) == ("android_calls_android_contacts", "events", 2)
    assert missing([row]) == ["messages", "bill", "recordings"]


def test_a_row_is_found_again(tmp_path: Path) -> None:
    path = build(tmp_path / "mmssms.db", MMSSMS, {
        "pdu": [{"date": AT, "msg_box": 2, "m_type": 128}],
        "addr": [{"msg_id": 1, "address": f"1380000000{n}", "type": 151} for n in (1, 2)],
    })  # fmt: skip
    (tmp_path / "work").mkdir()
    job = Job(path, "mmssms.db", tmp_path / "work")
    found = list(database.seek(job, Facts("database"), "pdu[1].2"))
    assert of(found, "other") == {"pdu[1]": ("13800000001",), "pdu[1].2": ("13800000002",)}
    assert "addresses: 13800000001, 13800000002" in found[1].raw
    assert list(database.seek(job, Facts("database"), "addr[1]")) == []


def test_for_one_row_nothing_large_is_copied(phone: Path, in_use: Path, tmp_path: Path) -> None:
    """Neither of a whole database, nor of one with a log of changes beside it; nor is it changed."""
    (tmp_path / "work").mkdir()
    for path, companions in ((phone, ()), (in_use / "sms.db", ("-wal",))):
        before = path.read_bytes()
        rows = [row for row in read(path, *companions)[0] if isinstance(row, Record)]
        job = Job(path, path.name, tmp_path / "work", companions={"-wal": in_use / "sms.db-wal"} if companions else {})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("collectaudit.sources._sqlitefile._even", lambda _: pytest.fail("it was copied"))
            found = [next(iter(database.seek(job, Facts("database"), row.locator))) for row in rows]
        assert rows and found == rows
        assert path.read_bytes() == before and path.stat().st_nlink == 1
        assert list((tmp_path / "work").iterdir()) == []


def test_a_row_of_a_database_that_was_cut_is_found_again(phone: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "cut.db").write_bytes(phone.read_bytes()[: PAGE * 60 + 100])
    job = Job(tmp_path / "cut.db", "cut.db", tmp_path / "work")
    rows = [row for row in read(job.path)[0] if isinstance(row, Record)]
    assert rows and [next(iter(database.seek(job, Facts("database"), row.locator))) for row in rows] == rows


def test_without_its_database(in_use: Path, tmp_path: Path) -> None:
    (in_use / "sms.db").unlink()
    case = Case.create(tmp_path / "case")
    bring(case, in_use, lambda *_: None)
    by_name = {row["name"]: row for row in arrivals(case)}
    why = "its database was not handed in, so it cannot be read: sms.db"
    assert by_name["phone/sms.db-wal"]["problems"] == [Problem("partial", {"why": why})]
    assert (by_name["phone/sms.db-shm"]["status"], by_name["phone/sms.db-shm"]["problems"]) == ("ok", [])


def test_inspect_finds_what_lies_beside_it(in_use: Path) -> None:
    found = inspect(in_use / "sms.db")
    assert (found["parser"], found["records"], found["events"], found["status"]) == ("database", 20, 20, "ok")


def test_the_original_is_left_alone(in_use: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in in_use.iterdir()}
    facts = Facts("database")
    (tmp_path / "work").mkdir()
    beside = {"-wal": in_use / "sms.db-wal"}
    found: list[Record | Reject] = list(
        database.read(Job(in_use / "sms.db", "sms.db", tmp_path / "work", companions=beside), facts)
    )
    assert len(found) == 20
    assert {path.name: path.read_bytes() for path in in_use.iterdir()} == before
    assert list((tmp_path / "work").iterdir()) == []
