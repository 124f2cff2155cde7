"""Transcripts made elsewhere: which files are some, what is said in them when and by whom, hostile ones."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import srt

from collectaudit.reading import Task, read_into
from collectaudit.records import RAW_FIELDS, Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import HEAD_BYTES, _cues, parsers, transcript

Said = tuple[str, str, str | None, str, str | None]  # locator, start, end, words, speaker


def read(folder: Path, content: str | bytes, name: str = "a.srt") -> tuple[list[Record | Reject], Facts]:
    """What comes of a file, without the record of the call itself, which is always the first."""
    path = folder / "0123abcd"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    facts = Facts("transcript")
    first, *rows = transcript.read(Job(path, name, folder), facts)
    assert isinstance(first, Record)
    assert (first.locator, first.fields["kind"], first.fields["channel"]) == ("name", "recording", "call")
    return rows, facts


def said(rows: list[Record | Reject]) -> list[Said]:
    found = []
    for row in rows:
        assert isinstance(row, Record), row
        assert set(row.fields) <= set(RAW_FIELDS)
        fields = row.fields
        found.append((row.locator, fields["start_s"], fields.get("end_s"), fields["body"], fields["speaker"]))
    return found  # type: ignore[return-value]


SRT = """1
00:00:01,000 --> 00:00:02,500
坐席：您好
请讲

2
00:00:03,000 --> 00:01:05,250
<i>客户: 嗯</i>
3
01:00:06.5 --> 01:00:07.5
没有标签：照写
"""
VTT = """WEBVTT - made by hand

NOTE
a remark

1
00:01.000 --> 00:02.000 align:start position:0%
<v Agent>Hello &amp; <00:01.500><c>welcome</c></v>

00:03.000 --> 00:04.000
- no
"""
GRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "坐席"
        xmin = 0
        xmax = 2.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1
            text = "说 ""好"" 1
再说"
        intervals [2]:
            xmin = 1
            xmax = 2.5
            text = ""
    item [2]:
        class = "TextTier"
        name = "someone"
        xmin = 0
        xmax = 2.5
        points: size = 1
        points [1]:
            number = 0.5
            mark = "嗯"
"""
SHORT_GRID = """File type = "ooTextFile"
"TextGrid"
0
2.5
<exists>
1
"IntervalTier"
"Customer 1"
0
2.5
1
0
2.5
"嗯"
"""
WHISPER = {
    "text": " 您好 还钱",
    "segments": [
        {"id": 0, "start": 0.0, "end": 1.2, "text": " 您好", "avg_logprob": -0.5,
         "no_speech_prob": 0.01, "compression_ratio": 0.9,
         "words": [{"word": "您", "probability": 0.9}, {"word": "好", "probability": 0.7}]},
        {"id": 1, "start": 1.5, "end": 3, "text": "还钱", "avg_logprob": -1.2, "no_speech_prob": 0.7,
         "speaker": "Agent"},
        {"id": 2, "start": 3, "end": 4, "text": "谢谢谢谢", "avg_logprob": -0.1, "compression_ratio": 2.5},
    ],
    "language": "zh",
}  # fmt: skip
CPP = {"systeminfo": "x", "model": {}, "transcription": [
    {"timestamps": {"from": "00:00:00,500", "to": "00:00:02,000"}, "offsets": {"from": 500, "to": 2000}, "text": " hi",
     "tokens": [{"text": " hi", "p": 0.5}]}]}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (SRT, [("L2", "1.000", "2.500", "您好\n请讲", "collector"), ("L7", "3.000", "65.250", "嗯", "contacted"),
               ("L10", "3606.500", "3607.500", "没有标签：照写", None)]),
        (VTT, [("L7", "1.000", "2.000", "Hello & welcome", "collector"), ("L10", "3.000", "4.000", "- no", None)]),
        ("start\tend\ttext\n0\t1500\t您好\n1500\t1700\t 嗯\n",
         [("L2", "0.000", "1.500", "您好", None), ("L3", "1.500", "1.700", "嗯", None)]),
        ("[00:01] 坐席：您好\n[00:05.5] 客户：嗯\n还有\n[1:00:09] 好\n",
         [("L1", "1.000", None, "您好", "collector"), ("L2", "5.500", None, "嗯\n还有", "contacted"),
          ("L4", "3609.000", None, "好", None)]),
        ("（00:01-00:04）催收员2：您好\n（00:05-00:06）嗯\n",
         [("L1", "1.000", "4.000", "您好", "collector"),
          ("L2", "5.000", "6.000", "嗯", None)]),
        ("00:00:01 Agent: hello, sir, you\n00:00:09 Caller: yes, who, what\n",
         [("L1", "1.000", None, "hello, sir, you", "collector"),
          ("L2", "9.000", None, "Caller: yes, who, what", None)]),
        ("发言人1 00:05\n您好\n\n客服 00:09\n嗯\n对\n",
         [("L1", "5.000", None, "您好", None), ("L4", "9.000", None, "嗯\n对", "collector")]),
        ("[00:00.000 --> 00:05.000]  您好\n[00:05.000 --> 00:08.000]  钱\n",
         [("L1", "0.000", "5.000", "您好", None), ("L2", "5.000", "8.000", "钱", None)]),
        (GRID, [("tier[1][1]@L16", "0.000", "1.000", '说 "好" 1\n再说', "collector"),
                ("tier[2][1]@L31", "0.500", None, "嗯", None)]),
        (SHORT_GRID, [("tier[1][1]@L12", "0.000", "2.500", "嗯", "contacted")]),
        (json.dumps(WHISPER), [("segment[1]", "0.000", "1.200", "您好", None),
                               ("segment[2]", "1.500", "3.000", "还钱", "collector"),
                               ("segment[3]", "3.000", "4.000", "谢谢谢谢", None)]),
        (json.dumps(CPP, indent=1), [("segment[1]", "0.500", "2.000", "hi", None)]),
        ('[{"start": "0:01", "end": "0:02.5", "text": "客户：嗯"}]',
         [("segment[1]", "1.000", "2.500", "嗯", "contacted")]),
        ("1\n00:00:01,000 --> 00:00:02,000\n坐席：您好\n客户：嗯\n",
         [("L2", "1.000", "2.000", "坐席：您好\n客户：嗯", None)]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_what_is_said_when_by_whom(tmp_path: Path, content: str, expected: list[Said], encoding: str) -> None:
    data = content.encode(encoding)
    assert [p.NAME for p in parsers() if p.claims(data[:HEAD_BYTES], "calls.csv")] == ["transcript"]
    rows, facts = read(tmp_path, data)
    assert said(rows) == expected
    assert (facts.kind, facts.status) == ("transcripts", "ok")


def test_how_sure_a_program_was(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, json.dumps(WHISPER))
    fields: list[Any] = [row.fields for row in rows if isinstance(row, Record)]
    assert [(f.get("confidence"), f["doubtful"], f["engine"]) for f in fields] == [
        ("0.800", None, "Whisper"), ("0.301", "1", "Whisper"), ("0.905", "1", "Whisper"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "side"),
    [
        ("坐席", "collector"), ("客服01", "collector"), ("催收员 2", "collector"), ("AGENT", "collector"),
        ("Debt  Collector", "collector"), ("客户", "contacted"), ("Customer_1", "contacted"), ("借款人", "contacted"),
        ("SPEAKER_00", None), ("说话人1", None), ("张三", None), ("", None), ("客户经理", None),
    ],
)  # fmt: skip
def test_labels(label: str, side: str | None) -> None:
    assert _cues.side(label) == side


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("坐席：您好", ("collector", "您好")),
        ("[客服] 您好", ("collector", "您好")), ("【客户】：嗯", ("contacted", "嗯")),
        ("Agent 2: hi", ("collector", "hi")), ("提醒：还款", (None, "提醒：还款")), ("坐席您好", (None, "坐席您好")),
        ("客户说：没钱", (None, "客户说：没钱")), ("坐席：一\n客户：二", (None, "坐席：一\n客户：二")),
        ("坐席：一\n二", ("collector", "一\n二")),
    ],
)  # fmt: skip
def test_a_label_before_the_words(text: str, expected: tuple[str | None, str]) -> None:
    assert _cues.who(text) == expected


@pytest.mark.parametrize(
    ("content", "locator", "reason"),
    [
        (srt((5, 3, "一")), "L2", "its times cannot be right"),
        (srt((999_000, 999_001, "一")), "L2", "its times cannot be right"),
        (SRT + "\nsoon --> later\n一\n", "L13", "its times cannot be read"),
        (srt((1, 2, "一" * 20_001)), "L2", "more than 20000 characters at one time"),
        (srt((1, 2, "一\n" * 20_001)), "L2", "more than 20000 characters at one time"),
        (srt((1, 2, "好")).encode() + b"\n2\n00:00:03,000 --> 00:00:04,000\n\xff\xfe\xe5\n", "L6",
         "it holds bytes that are no characters"),
        ("start\tend\ttext\n0\t1\tx\n1,2\n", "L3", "its times cannot be read"),
        ('{"segments": [{"start": 0, "end": 1}]}', "segment[1]", "it is no segment with a text"),
        ('{"segments": [7]}', "segment[1]", "it is no segment with a text"),
        ('{"segments": [{"text": "x", "start": NaN}]}', "segment[1]", "its times cannot be read"),
        ('{"segments": [{"text": "x", "start": -4}]}', "segment[1]", "its times cannot be right"),
        ('{"segments": [{"text": "x", "start": 1e300}]}', "segment[1]", "its times cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_reject(tmp_path: Path, content: str | bytes, locator: str, reason: str) -> None:
    rows, _ = read(tmp_path, content)
    assert [(row.locator, row.reason) for row in rows if isinstance(row, Reject)] == [(locator, reason)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"segments": ' + "[" * 200_000, "the file is not valid JSON"),
        ('{"segments": [' + '{"text":' * 200_000, "the file is not valid JSON"),
        ('{"segments": [{"start": ' + "9" * 5000 + "}]}", "the file is not valid JSON"),
        ('{"text": "' + "一" * 70_000 + '", "seg', "the file is not valid JSON"),
        ('{"text": "' + "一" * 70_000 + '"}', "the JSON holds no list of segments"),
        ('{"segments": [], "segments": 3, "transcription": [', "the file is not valid JSON"),
        ('{"language": "zh", "segments": [] , "segments": "x"}', "the JSON holds no list of segments"),
        ('{"segments": [' + "7," * 200_001 + "7]}", "the JSON holds no list of segments, or one that is too long"),
        (b'{"segments": [{"text": "\xff"}]}', "the file is not valid JSON"),
    ],
)
def test_a_tree_that_cannot_be_read_is_no_source(tmp_path: Path, content: str | bytes, reason: str) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    assert transcript.claims(data[:HEAD_BYTES], "x")
    with pytest.raises(Unreadable, match="not valid" if isinstance(content, bytes) else reason):
        read(tmp_path, data)


@pytest.mark.parametrize(("cut", "kept"), [(GRID[:-20], 1), (GRID.replace("TextTier", "Tier"), 1), (GRID[:180], 0)])
def test_a_grid_that_breaks_off_keeps_what_was_read(tmp_path: Path, cut: str, kept: int) -> None:
    (tmp_path / "0123").write_text(cut, encoding="utf-8")
    rows = transcript.read(Job(tmp_path / "0123", "a", tmp_path), Facts("transcript"))
    assert len([next(rows) for _ in range(kept + 1)]) == kept + 1
    with pytest.raises(Unreadable, match="the rest is not read"):
        next(rows)


@pytest.mark.parametrize(
    "content",
    [
        "20/04/24, 17:40 - Jane: hello\n20/04/24, 17:41 - John: hello, you\n",
        "[20/04/24, 17:40:22] Jane: hello\n[20/04/24, 17:41:22] John: no\n",
        "[17:40] 张三：在吗\n[17:41] 李四：在\n",
        "消息记录\n2024-04-05 9:40:20 甲\n你好\n2024-04-05 9:40:21 乙\n好\n",
        "张三 2024-04-05 00:01\n你好\n张三 2024-04-05 00:02\n好\n",
        "时间,号码,时长\n00:01:00,13800138000,00:01\n00:02:00,13800138000,00:02\n",
        "10:00:00\t13800138000\t60\n10:05:00\t13800138000\t60\n",
        "Dear Sir,\nat 00:05 you called.\n",
        "[00:01] one line\n",
        "[00:09] b\n[00:01] a\n",
        '{"a": 1, "segments": []}',
        '{"text": "no list of what was said"}',
        '[["start", "end", "text"], [1, 2, "x"]]',
        '{"timestamp_unix_ms": 1, "direction": "in"}',
        'File type = "ooTextFile"\nObject class = "PitchTier"\n',
        "--> \n-->\n",
        "",
        "\x00\x00\x00",
    ],
)
def test_not_a_transcript(content: str) -> None:
    assert not transcript.claims(content.encode(), "a.srt")


@pytest.mark.parametrize(
    "content",
    [
        "1\n00:00:01,000 --> 00:00:02,000\n" + "a" * (30 << 20),
        "1\n00:00:01,000 --> 00:00:02,000\n" + "a\n" * 2_000_000,
        "00:00:01,000 --> 00:00:02,000\n" * 100_000,
        "[00:01] a\n[00:02] b\n" + "[" * 3_000_000,
        "[00:01] a\n[00:02] b\n" + "坐席 " * 1_000_000,
        'File type = "ooTextFile"\n"TextGrid"\n' + '"' * 1_000_001,
        'File type = "ooTextFile"\n"TextGrid"\n' + "1 " * 1_000_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * 3_000,
    ],
)
def test_a_flood_takes_no_long_time(tmp_path: Path, content: str) -> None:
    began = time.monotonic()
    (tmp_path / "0123").write_text(content, encoding="utf-8")
    rows = transcript.read(Job(tmp_path / "0123", "a", tmp_path), Facts("transcript"))
    with contextlib.suppress(Unreadable):
        assert sum(len(row.raw) for row in rows) < 30_000
    assert time.monotonic() - began < 10


@given(
    st.text(alphabet='[]():：->,.0123456789\n\t "坐席客户ab<>{}', max_size=200),
    st.sampled_from([SRT, VTT, GRID, "[00:01] a\n[00:02] b\n"]),
)
def test_damage_is_never_an_error(tmp_path_factory: pytest.TempPathFactory, rest: str, form: str) -> None:
    for content in (form[:60] + rest, form[:200] + rest + form[200:]):
        data = content.encode()
        if transcript.claims(data, "x"):
            try:
                rows, _ = read(tmp_path_factory.mktemp("damaged"), data)
            except Unreadable:
                continue
            assert len({row.locator for row in rows}) == len(rows)


def test_read_as_the_audit_does(tmp_path: Path) -> None:
    path, folder = tmp_path / "0123", tmp_path / "read"
    path.write_text(srt((1, 2, "坐席：您好"), (5, 3, "乱"), (6, 7, "")), encoding="utf-8")
    folder.mkdir()
    task = Task("in/13800138000_20240405174022.srt", "0" * 64, path.stat().st_size, "Asia/Shanghai", "CN")
    ledger = read_into(task, path, folder)
    kept = ("parser", "kind", "encoding", "status", "records", "events", "rejects", "first_at")
    assert [ledger[key] for key in kept] == ["transcript", "transcripts", "utf-8", "ok", 3, 2, 1, "2024-04-05 17:40:22"]
