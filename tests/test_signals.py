"""LISTEN: from what was said to signals: whose words, which characters, cut messages, context, second look."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from collectaudit import signals
from collectaudit.runs import connect
from collectaudit.sqltext import literal
from collectaudit.words.frames import Frame, parse
from collectaudit.words.lexicon import Exclusion, Lexicon, Pattern

Row = dict[str, Any]


def frame(text: str) -> Frame:
    found = parse(text)
    assert isinstance(found, Frame)
    return found


def pattern(id_: str, text: str, **changed: Any) -> Pattern:
    values: Row = {
        "id": id_, "category": id_.rsplit(".", 1)[0], "lexicon": "test", "lang": "zh", "conduct": "T01",
        "tier": "finding", "frames": (frame(text),), "exclude": (), "speaker": "collector", "to": None, "asks": None,
        "match": (), "no_match": (),
    }  # fmt: skip
    return Pattern(**values | changed)


LEXICON = Lexicon(
    patterns=(
        pattern("threat.violence.leg", "打断 {4} 腿", exclude=("negated",)),
        pattern("threat.violence.arm", "打断 {4} 胳膊肘", exclude=("negated",)),
        pattern("third_party.disclosure.debt", "欠款", to="third_party", conduct="T05"),
        pattern("states.institution.sign", "我是青禾金服", conduct="unsorted", tier="review"),
        pattern("safety.self_harm.wish", "不想活", speaker="others", conduct="unsorted", tier="review"),
    ),
    exclusions={"negated": Exclusion("negated", "before", 6, (frame("不会"),), (), {"en": "denied", "zh": "否定"})},
    classes={"debt": ("欠款", "还钱")},
    titles={
        name: {"en": name, "zh": name}
        for name in ("threat.violence", "third_party.disclosure", "states.institution", "safety.self_harm")
    },
    questions={},
    sha256="0" * 64,
)
AGENT, BORROWER, MOTHER, STRANGER = "+8613800000001", "+8613800000002", "+8613800000003", "+8613800000009"
ROLES = {AGENT: "collector", BORROWER: "debtor", MOTHER: "family"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(signals, "load_lexicon", lambda: LEXICON)
    return tmp_path


def heard(
    run: Path, said: Sequence[tuple[str, str, int, str]], *, channel: str = "sms", start_s: float | None = None,
    engine: str | None = None, machine_text: str | None = None, **options: Any,
) -> list[Row]:  # fmt: skip
    """Signals of (from, to, second, text)."""
    with duckdb.connect() as con:
        for table in ("events", "utterances"):
            source = connect(run)
            columns = source.execute(f"DESCRIBE {table}").fetchall()
            source.close()
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind, *_ in columns)})")
        for n, (sender, to, second, text) in enumerate(said):
            con.execute(
                "INSERT INTO events (event_id, source_id, locator, account_id, channel, from_number, to_number,"
                " from_role, to_role, at_local, precision) VALUES (?, 's', ?, 'A', ?, ?, ?, ?, ?,"
                " TIMESTAMP '2026-03-01 10:00:00' + to_seconds(?), 'second')",
                [f"e{n}", f"L{n}", channel, sender, to, ROLES.get(sender), ROLES.get(to), second],
            )
            con.execute(
                "INSERT INTO utterances (utterance_id, event_id, source_id, ordinal, speaker, start_s, text, engine,"
                " machine_text) VALUES (?, ?, 's', 0, 'from', ?, ?, ?, ?)",
                [f"e{n}#0", f"e{n}", start_s, text, engine, machine_text],
            )
        for table in ("events", "utterances"):
            con.execute(f"COPY {table} TO {literal(run / f'{table}.parquet')}")
    signals.listen(run, **options)
    with connect(run) as con:
        rows = con.execute("SELECT * FROM signals").fetchall()
        return [dict(zip([c[0] for c in con.description or ()], row, strict=True)) for row in rows]


def told(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [(row["utterance_id"], row["pattern"]) for row in rows]


def test_the_span_is_of_the_untouched_text(run: Path) -> None:
    text = "不还就打\u200b断你的*腿"
    (row,) = heard(run, [(AGENT, BORROWER, 0, text)])
    assert text[row["start_char"] : row["end_char"]] == row["matched"] == "打\u200b断你的*腿"
    assert row["path"] == "separators"
    assert (row["tier"], row["part"], row["event_id"]) == ("finding", 1, "e0")


@pytest.mark.parametrize(
    ("sender", "text", "patterns"),
    [
        (AGENT, "打断你的腿", ["threat.violence.leg"]),
        (BORROWER, "打断你的腿", []),
        (STRANGER, "打断你的腿", ["threat.violence.leg"]),
        (BORROWER, "我不想活了", ["safety.self_harm.wish"]),
        (STRANGER, "我不想活了", ["safety.self_harm.wish"]),
        (AGENT, "我不想活了", []),
        (AGENT, "我是青禾金服", ["states.institution.sign"]),
    ],
)
def test_whose_words_count(run: Path, sender: str, text: str, patterns: list[str]) -> None:
    assert [row["pattern"] for row in heard(run, [(sender, MOTHER, 0, text)])] == patterns


def test_a_text_said_twice_is_found_twice(run: Path) -> None:
    rows = heard(run, [(AGENT, BORROWER, 0, "打断你的腿"), (AGENT, MOTHER, 900, "打断你的腿")])
    assert told(rows) == [("e0#0", "threat.violence.leg"), ("e1#0", "threat.violence.leg")]
    assert len({row["signal_id"] for row in rows}) == 2


@pytest.mark.parametrize(
    ("second", "tail", "found"),
    [
        (30, "断你的腿", True),
        (120, "断你的腿", True),
        (121, "断你的腿", False),
        (600, "(2/2)断你的腿", True),
        (4000, "(2/2)断你的腿", False),
        (30, "还钱", False),
    ],
)
def test_a_phrase_cut_in_two_messages(run: Path, second: int, tail: str, found: bool) -> None:
    rows = heard(run, [(AGENT, BORROWER, 0, "我们打"), (AGENT, BORROWER, second, tail)])
    assert bool(rows) is found
    if found:
        first, last = rows
        assert (first["event_id"], first["part"], last["event_id"], last["part"]) == ("e0", 1, "e0", 2)
        assert "我们打"[first["start_char"] : first["end_char"]] == "打"
        assert tail[last["start_char"] : last["end_char"]] == "断你的腿"
        assert first["matched"] == last["matched"] == "打断你的腿"


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [("我们不会", 30, False), ("我们不会", 300, True), ("我们不会的。", 30, True), ("今天还钱", 30, True)],
)
def test_what_the_message_before_denies_does_not_count(run: Path, first: str, second: int, found: bool) -> None:
    said = [(AGENT, BORROWER, 0, first), (AGENT, BORROWER, second, "打断你的腿")]
    assert bool(heard(run, said)) is found


def test_messages_of_two_senders_are_not_joined(run: Path) -> None:
    assert not heard(run, [(AGENT, BORROWER, 0, "我们打"), (STRANGER, BORROWER, 5, "断你的腿")])


def test_what_stands_whole_in_one_message_is_not_found_again_in_the_pair(run: Path) -> None:
    assert len(heard(run, [(AGENT, BORROWER, 0, "打断你的腿"), (AGENT, BORROWER, 9, "今天还钱")])) == 1


@pytest.mark.parametrize(
    ("sender", "other", "in_context"),
    [(STRANGER, "今天还钱", True), (STRANGER, "今天吃饭", False), ("hidden", "今天还钱", False)],
)
def test_context_is_the_number_that_also_speaks_of_a_debt(run: Path, sender: str, other: str, in_context: bool) -> None:
    rows = heard(run, [(sender, BORROWER, 0, "打断你的腿"), (sender, BORROWER, 9000, other)])
    assert [row["in_context"] for row in rows] == [in_context]


WORTH = [
    (AGENT, BORROWER, "打断你的腿", "finding"),
    (AGENT, STRANGER, "打断你的腿", "finding"),
    (STRANGER, BORROWER, "打断你的腿,还钱", "review"),
    (STRANGER, BORROWER, "打断你的腿", None),
    (BORROWER, AGENT, "打断你的腿,还钱", None),
    (AGENT, MOTHER, "您儿子有欠款", "finding"),
    (STRANGER, MOTHER, "您儿子有欠款", "finding"),
    (AGENT, BORROWER, "您有欠款", None),
    (AGENT, STRANGER, "您有欠款", None),
    (AGENT, BORROWER, "我是青禾金服", None),
]


@pytest.mark.parametrize(("sender", "to", "text", "tier"), WORTH)
def test_what_wording_is_worth(run: Path, sender: str, to: str, text: str, tier: str | None) -> None:
    heard(run, [(sender, to, 0, text)])
    with connect(run) as con:
        assert [row[0] for row in con.execute("SELECT tier FROM worded").fetchall()] == ([tier] if tier else [])


def test_cut_wording_names_both_messages(run: Path) -> None:
    heard(run, [(AGENT, BORROWER, 0, "我们打"), (AGENT, BORROWER, 20, "断你的腿")])
    with connect(run) as con:
        assert con.execute("SELECT event_id, event_ids, quote FROM worded").fetchall() == [
            ("e0", ["e0", "e1"], "打断你的腿")
        ]


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ({"channel": "call", "start_s": 1.5}, True),
        ({"channel": "call", "engine": "faster-whisper"}, True),
        ({"channel": "voicemail", "start_s": 0.0, "engine": "faster-whisper"}, True),
        ({"channel": "call", "start_s": 1.5, "machine_text": "喂"}, False),  # a person wrote down the words
        ({"channel": "call"}, False),
        ({"channel": "visit"}, False),
        ({"channel": "sms"}, False),
        ({"channel": "im", "start_s": 1.5, "engine": "faster-whisper"}, False),
    ],
)
def test_only_what_was_heard_is_found_by_its_sound(run: Path, about: Row, found: bool) -> None:
    text = "再不还就打段你的胳膊肘"
    rows = heard(run, [(AGENT, BORROWER, 0, text)], **about)
    assert told(rows) == [("e0#0", "threat.violence.arm")] * found
    for row in rows:
        assert text[row["start_char"] : row["end_char"]] == row["matched"] == "打段你的胳膊肘"
        assert (row["tier"], row["path"]) == ("finding", "sound")
    with connect(run) as con:
        assert con.execute("SELECT tier FROM worded").fetchall() == [("review",)] * found


def test_where_the_words_as_written_are_found_they_count(run: Path) -> None:
    said = [(AGENT, BORROWER, 0, "打断你的胳膊肘,打段你的胳膊肘"), (AGENT, BORROWER, 9, "我们不会打段你的胳膊肘")]
    rows = heard(run, said, channel="call", start_s=0.0)
    assert [(row["event_id"], row["path"], row["start_char"]) for row in rows] == [
        ("e0", "plain", 0),
        ("e0", "sound", 8),
    ]
    with connect(run) as con:
        assert con.execute("SELECT tier, quote FROM worded").fetchall() == [("finding", "打断你的胳膊肘")]


def test_a_statement_that_was_misheard_was_made(run: Path) -> None:
    (row,) = heard(run, [(AGENT, BORROWER, 0, "您好我是青和金服")], channel="call", start_s=0.0)
    assert (row["pattern"], row["path"]) == ("states.institution.sign", "sound")
    with connect(run) as con:
        assert con.execute("SELECT statement FROM stated").fetchall() == [("institution",)]


def test_a_text_that_was_heard_and_one_that_was_written_are_two(run: Path) -> None:
    """The same words in a transcript and in notes on a visit."""
    heard(run, [(AGENT, BORROWER, 0, "打段你的胳膊肘")], channel="call", start_s=0.0)
    with duckdb.connect() as con:
        utterances = literal(run / "utterances.parquet")
        con.execute(f"CREATE TABLE u AS FROM {utterances} UNION ALL SELECT * REPLACE ('e0#1' AS utterance_id,"
                    f" 1 AS ordinal, NULL AS start_s) FROM {utterances}")  # fmt: skip
        con.execute(f"COPY u TO {utterances}")
    signals.listen(run)
    with connect(run) as con:
        assert con.execute("SELECT utterance_id FROM signals").fetchall() == [("e0#0",)]


class Everything:
    """A second stage that asks for a look at everything."""

    id, threshold = "test-1", 0.5

    def score(self, text: str) -> float:
        return 1.0 if text else 0.0


def test_a_second_look_only_adds_to_what_collectors_say(run: Path) -> None:
    said = [(AGENT, BORROWER, 0, "打断你的腿"), (AGENT, BORROWER, 900, "走着瞧"), (STRANGER, BORROWER, 0, "走着瞧吧")]
    rows = heard(run, said, reviewer=Everything())
    assert told(rows) == [("e0#0", "threat.violence.leg"), ("e1#0", "test-1")]
    assert (rows[1]["tier"], rows[1]["path"], rows[1]["lexicon"]) == ("review", "model", "reviewer")
    with connect(run) as con:
        assert con.execute("SELECT event_id, tier FROM worded ORDER BY 1").fetchall() == [
            ("e0", "finding"),
            ("e1", "review"),
        ]


def test_nothing_said_is_nothing_found(run: Path) -> None:
    assert heard(run, []) == []


def test_the_same_bytes_on_any_number_of_threads(run: Path) -> None:
    said = [(AGENT, BORROWER, n * 50, f"打断你的腿{n % 7}") for n in range(300)]
    heard(run, said, threads=1)
    once = (run / "signals.parquet").read_bytes()
    heard(run, said, threads=4)
    assert (run / "signals.parquet").read_bytes() == once
