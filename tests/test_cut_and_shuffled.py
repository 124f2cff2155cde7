"""A file that was cut, or whose lines were moved, gives rows of the whole one, or says what is wrong: never others."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from table_reading import as_tuples, columns, job, rows

from collectaudit.records import Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import parser_for

DATA = Path(__file__).parent / "data"
FILES = (
    "chatjson/weflow.json", "chats/qq_two_chats.txt", "chats/qqtext_private.txt", "chats/wechat_blocks.txt",
    "chats/wechat_chatlog.csv", "chats/whatsapp_android_24h.txt", "contentquery/calls.txt", "googlevoice/text.html",
    "imazing/messages.csv", "smsbackup/calls.xml", "smsbackup/messages.xml", "table/asterisk.csv",
    "table/huawei_contact_center.csv", "vcard/modern.vcf",
)  # fmt: skip
TEXTS = {
    "bill.csv": "通话时间,对方号码,呼叫类型,通话时长\n"
    "2024-04-05 17:40:22,13800138001,主叫,63\n2024-04-05 21:41:22,13800138002,被叫,1205\n",
    "bill.xls": "<html><table><tr><td>通话时间</td><td>对方号码</td><td>呼叫类型</td><td>通话时长</td></tr>\n"
    "<tr><td>2024-04-05 17:40:22</td><td>13800138001</td><td>主叫</td><td>63</td></tr>\n"
    "<tr><td>2024-04-05 21:41:22</td><td>13800138002</td><td>被叫</td><td>1205</td></tr>\n</table></html>\n",
    "told.csv": "at,channel,number,who,contacted,role,outcome,said,account,note,by,told_at\n"
    "2025-06-01 22:40,上门,,催收员,13800138000,debtor,,再不还钱就去你单位,,,me,2025-06-02T00:00:00Z\n"
    "2025-06-03,短信,02188880000,,13800138001,family,,请转告他还钱,A1,,me,2025-06-04T00:00:00Z\n",
    "call.srt": "1\n00:00:01,000 --> 00:00:02,500\n坐席：您好\n\n2\n00:00:03,000 --> 00:00:04,250\n客户：好的\n\n",
}
TABLES = [path for path in sorted((DATA / "table").glob("*.csv")) if path.stem not in {
    # without a header, or with lines above it
    "asterisk", "asterisk_custom", "asterisk_linked", "avaya_ip_office", "carrier_groups", "cn_carrier_calls",
    "cn_carrier_sms", "freepbx_rows", "freeswitch", "freeswitch_15", "freeswitch_18", "us_att", "us_att_messages",
}]  # fmt: skip
CUT_HEADER = "the file ends in its header, in a line without an end: it may have been cut"
LOOSE = {"body", "callee", "name"}  # what a cut may shorten, and what only later lines would have told
Outcome = tuple[str, list[Record], list[Reject]]
Read = Callable[[bytes], Outcome]


@pytest.fixture(params=[*FILES, *TEXTS])
def whole(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    name = str(request.param)
    return name, TEXTS[name].encode() if name in TEXTS else (DATA / name).read_bytes()


@pytest.fixture
def read(tmp_path: Path, whole: tuple[str, bytes]) -> Read:
    def read_bytes(data: bytes) -> Outcome:
        path, work = tmp_path / "original", tmp_path / "work"
        path.write_bytes(data)
        work.mkdir(exist_ok=True)
        found: list[Record | Reject] = []
        facts = Facts("")
        try:
            found.extend(parser_for(path, whole[0]).read(Job(path, whole[0], work), facts))
        except Unreadable:
            facts.status = "partial"
        return (
            facts.status,
            [item for item in found if isinstance(item, Record)],
            [item for item in found if isinstance(item, Reject)],
        )

    return read_bytes


def cuts(data: bytes) -> Iterator[bytes]:
    """In the last line at every third byte, elsewhere at forty places: in characters, cells and tags."""
    last = data.rstrip().rfind(b"\n") + 1
    for end in (*range(len(data) // 40, last, len(data) // 40 + 1), *range(last + 1, len(data.rstrip()), 3)):
        yield data[:end]


def sure(row: Record) -> dict[str, str | None]:
    return {name: text for name, text in row.fields.items() if text and name not in LOOSE}


def test_a_cut_file_gives_rows_of_the_whole_one(whole: tuple[str, bytes], read: Read) -> None:
    rows = [sure(row) for row in read(whole[1])[1]]
    for data in cuts(whole[1]):
        status, some, rejects = read(data)
        strange = [row for row in some if not any(sure(row).items() <= known.items() for known in rows)]
        assert status == "partial" or not strange, (data[-60:], strange, rejects)


def test_shuffled_lines_never_make_other_calls_and_numbers(whole: tuple[str, bytes], read: Read) -> None:
    rows = [sure(row) for row in read(whole[1])[1]]
    first, *others = whole[1].splitlines(keepends=True)
    for seed in range(5):
        random.Random(seed).shuffle(others)  # noqa: S311 — any order will do
        status, some, _ = read(b"".join([first, *others]))
        strange = [row for row in some if not any(sure(row).items() <= known.items() for known in rows)]
        assert status == "partial" or not strange, (seed, strange)


def both(folder: Path, content: bytes, name: str) -> Facts | None:
    """What is learned of a table that holds no record, by rows and by columns; None if it is refused."""
    task = job(folder, content, name)
    try:
        parser = parser_for(task.path, name)
    except Unreadable:
        return None
    assert parser.NAME == "table"
    try:
        found, facts = rows(task)
    except Unreadable:
        with pytest.raises(Unreadable):
            columns(task, folder / "out.parquet")
        return None
    assert found == []
    alike(task, found, facts)
    return facts


def alike(task: Job, found: list[Record | Reject], facts: Facts) -> None:
    """Whether the way by columns, where it is open, gives what the rows gave."""
    out = task.work.parent / "out.parquet"
    out.unlink(missing_ok=True)
    by_columns, learned = columns(task, out)
    assert by_columns is None or (by_columns, learned) == (as_tuples(found), facts)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_header_without_the_end_of_its_line_is_no_empty_list(tmp_path: Path, path: Path) -> None:
    header = path.read_bytes().partition(b"\n")[0]
    last = len(header)
    for end in sorted({*range(1, last, 7), 20, *range(last - 4, last + 1)}):
        facts = both(tmp_path, header[:end], path.name)
        assert facts is None or (facts.status, facts.reason) == ("partial", CUT_HEADER), header[:end]
    assert facts is not None
    for whole in (header + b"\n", header + b"\r\n", b"\xef\xbb\xbf" + header + b"\n"):
        facts = both(tmp_path, whole, path.name)
        assert facts is not None
        assert (facts.status, facts.reason) == ("ok", None)


@pytest.mark.parametrize("name", ["dialler.csv", "huawei_contact_center.csv", "phone_calls.csv", "contacts_google.csv"])
def test_a_header_that_comes_again_at_the_end_of_a_cut_file(tmp_path: Path, name: str) -> None:
    text = (DATA / "table" / name).read_bytes().replace(b"\r\n", b"\n")
    header = text.partition(b"\n")[0]
    for more, status in ((header, "partial"), (header + b"\n", "ok"), (header[:-3], "partial")):
        task = job(tmp_path, text + more, name)
        found, facts = rows(task)
        assert facts.status == status, more
        alike(task, found, facts)
