"""Google Voice's pages: conversations, groups, calls and voicemails, with the owner's number where a page tells it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run
from test_chats import plain, read_bytes, read_file

from collectaudit.case import Case
from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import googlevoice

DATA = Path(__file__).parent / "data" / "googlevoice"
PAGES = sorted(DATA.glob("*.html"))
CALL = """<html><head><title>{label} call</title></head><body><div class="haudio">
<span class="album">Call Log for</span><span class="fn">{label} call from Example Recovery</span>
<div class="contributor vcard">{label} call from
<a class="tel" href="tel:{number}"><span class="fn">Example Recovery</span></a></div>
<abbr class="published" title="2024-04-05T21:40:22.000-04:00">Apr 5, 2024</abbr><br />{more}
<div class="tags">Labels:
<a rel="tag" href="http://www.google.com/voice#{tag}">{label}</a>,
<a rel="tag" href="http://www.google.com/voice#inbox">Inbox</a></div>
<div class="deletedStatusContainer">User Deleted: False</div></div></body></html>
"""
LASTED = '<abbr class="duration" title="PT1M23S">(00:01:23)</abbr>'
SOUND = '<audio src="X - Voicemail - 2024-04-06T01_40_22Z.mp3"><a rel="enclosure" href="x">A</a></audio>'


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    rows, facts = read_file(path, path.name)
    assert plain(rows) == json.loads(path.with_suffix(".golden.json").read_text(encoding="utf-8"))
    assert (facts.parser, facts.status, facts.owner_number) == ("googlevoice", "ok", "+12025550100")


@pytest.mark.parametrize(
    ("tag", "more", "fields"),
    [
        ("received", LASTED, {"channel": "call", "direction": "in", "outcome": "connected", "duration": "83"}),
        ("missed", "", {"channel": "call", "direction": "in", "outcome": "unanswered", "duration": None}),
        ("placed", LASTED, {"channel": "call", "direction": "out", "outcome": None, "duration": "83"}),
        ("recorded", LASTED + SOUND, {"kind": "recording", "channel": "call", "direction": None, "outcome": "connected",
                                      "duration": "83"}),
        ("voicemail", SOUND + '<abbr class="duration" title="PT22S">x</abbr>',
         {"channel": "voicemail", "direction": "in", "outcome": "delivered", "duration": "22",
          "recording": "X - Voicemail - 2024-04-06T01_40_22Z.mp3"}),
    ],
)  # fmt: skip
def test_calls_by_their_labels(tmp_path: Path, tag: str, more: str, fields: dict[str, str | None]) -> None:
    page = CALL.format(label="某种语言", tag=tag, more=more, number="+12025550123")
    rows, facts = read_bytes(tmp_path, page.encode(), "")
    (row,) = rows
    assert isinstance(row, Record)
    known = {"other": "+12025550123", "name": "Example Recovery", "time": "2024-04-05T21:40:22.000-04:00"} | fields
    assert row.fields == {"recording": SOUND.split('"')[1] if SOUND in more else None} | known
    assert (row.locator, facts.status) == ("call[1]@L1", "ok")


def test_a_call_without_number_or_label(tmp_path: Path) -> None:
    hidden, _ = read_bytes(tmp_path, CALL.format(label="Missed", tag="missed", more="", number="").encode(), "")
    assert plain(hidden)[0]["fields"]["other"] is None
    other, _ = read_bytes(tmp_path, CALL.format(label="New", tag="new", more="", number="+1").encode(), "")
    assert plain(other)[0]["reason"] == "no label says what kind of call it was"


@pytest.mark.parametrize(("name", "other"), [("+12025550123", "+12025550123"), ("Example Recovery", None)])
def test_what_only_the_owner_wrote(tmp_path: Path, name: str, other: str | None) -> None:
    page = (DATA / "group.html").read_text(encoding="utf-8")
    mine = page[: page.index('<div class="participants">')] + page[page.index('<div class="hChatLog') :]
    mine = mine.replace(mine[mine.index('<div class="message">') : mine.rindex('<div class="message">')], "")
    path = tmp_path / "0123abcd"
    path.write_text(mine, encoding="utf-8")
    called = f"Takeout/Voice/Calls/{name} - Text - 2024-04-05T13_01_00Z.html"
    (row,) = list(googlevoice.read(Job(path, called, tmp_path), Facts("googlevoice")))
    assert isinstance(row, Record)
    assert (row.fields["direction"], row.fields["other"]) == ("out", other)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_truncated_at_every_byte(tmp_path: Path, path: Path) -> None:
    data, whole = path.read_bytes(), [row for row in read_file(path, "")[0] if isinstance(row, Record)]
    for length in range(data.index(b'<div class="message">') + 60, len(data.rstrip()) - 1, 3):
        rows, facts = read_bytes(tmp_path, data[:length], "")
        found = [row for row in rows if isinstance(row, Record)]
        assert facts.status == "partial"
        assert [(row.locator, row.fields["body"]) for row in found] == [
            (row.locator, row.fields["body"]) for row in whole[: len(found)]
        ]


# Which page, and what became of its lines.
TORN: dict[str, tuple[str, Callable[[list[bytes]], list[bytes]]]] = {
    "no participants": ("group", lambda line: line[:2] + line[3:]),
    "a message within another": ("group", lambda line: line[:5] + line[4:]),
    "nobody wrote it": ("group", lambda line: line[:5] + line[6:]),
    "two wrote it": ("group", lambda line: line[:6] + line[5:]),
    "half a message, and half of the next": ("group", lambda line: line[:6] + line[7:]),
    "two parts exchanged": ("group", lambda line: [*line[:5], line[6], line[5], *line[7:]]),
    "the times exchanged": ("group", lambda line: [*line[:4], line[7], *line[5:7], line[4], *line[8:]]),
    "a message twice": ("group", lambda line: line[:7] + line[4:]),
    "another with the same time": ("group", lambda line: line[:8] + line[5:]),
    "messages among the participants": ("group", lambda line: [*line[:2], line[3], line[2], *line[4:]]),
    "the page twice": ("group", lambda line: line + line),
    "a text behind the next": ("text", lambda line: line[:14] + line[9:]),
}


@pytest.mark.parametrize("kind", TORN)
def test_lines_lost_doubled_or_moved_are_seen(tmp_path: Path, kind: str) -> None:
    page, change = TORN[kind]
    lines = (DATA / f"{page}.html").read_bytes().splitlines(keepends=True)
    rows, facts = read_bytes(tmp_path, b"".join(change(lines)), "")
    assert (facts.parser, facts.status) == ("googlevoice", "partial")
    assert facts.reason == "lines of this page seem to be missing, doubled or moved"
    reasons = {row.reason for row in rows if isinstance(row, Reject)}
    known = {"parts of it are missing, or stand in it twice", "it stands in this page already, with all its parts"}
    assert reasons <= known


@pytest.mark.parametrize("line", [2, 3, 4])
def test_a_call_of_which_a_line_is_lost_is_not_read(tmp_path: Path, line: int) -> None:
    lines = CALL.format(label="X", tag="received", more=LASTED, number="+12025550123").splitlines(keepends=True)
    rows, facts = read_bytes(tmp_path, "".join(lines[:line] + lines[line + 1 :]).encode(), "")
    assert facts.status == "partial"
    assert not [row for row in rows if isinstance(row, Record)]


@pytest.mark.parametrize(
    "page", ["<html><div class='message'>x</div></html>", "<table><tr><td>hChatLog hfeed</td></table>"]
)
def test_not_claimed(page: str) -> None:
    assert not googlevoice.claims(page.encode(), "A - Text - 2024-04-05T13_01_00Z.html")


def test_taken_in_twice_it_adds_nothing(tmp_path: Path, run: Run) -> None:
    path, case = DATA / "text.html", tmp_path / "case"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for _ in range(2):
        assert run("audit", path, "-o", case, "--jurisdiction", "us").code in (0, 1)
        rows = Case.open(case).query(
            "SELECT from_number, to_number, at_local, utc_offset FROM events ORDER BY at_local"
        )
        assert [(row["from_number"], row["to_number"], str(row["at_local"])) for row in rows] == [
            ("+12025550123", "+12025550100", "2024-04-05 19:29:20"),
            ("+12025550100", "+12025550123", "2024-04-05 20:27:36"),
        ]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
