"""Words on a page: the passage stands out with colour and without, hostile text stays harmless, nothing is judged."""

import io
from typing import Any

import pytest
from test_render import EVIL, SAFE, finding, said

from collectaudit.catalogue import Words
from collectaudit.render import Page
from collectaudit.render_finding import finding_page
from collectaudit.render_notices import notices
from collectaudit.render_words import words_section

Row = dict[str, Any]
TEXT = "再拖\x1b[2J就打\u202e断\u202e你的腿，⟦等着⟧\n今天还钱"
START, END = 7, 14


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def span(**changes: Any) -> Row:
    slots = [
        {"text": "打\u202e断", "class": "beat", "within": None},
        {"text": "你", "class": "you", "within": 4},
        {"text": "腿", "class": None, "within": 0},
    ]
    return {
        "start_char": START, "end_char": END, "matched": TEXT[START:END], "pattern": "threat.violence.leg",
        "tier": "finding", "path": "invisible", "frame": "@beat {4} @you 腿", "slots": slots, **changes,
    }  # fmt: skip


def line(*spans: Row, **changes: Any) -> Row:
    person = {"role": "collector", "number": "+8613800000001", "basis": "people.csv"}
    return {
        "event_id": "e0", "source": "in/sms.xml", "locator": "sms[1]@L3", "at": "2026-03-01 10:00:00.5",
        "start_s": None, "listened": None, "machine_text": None,
        "speaker": person, "to": {"role": None, "number": EVIL, "basis": None}, "text": TEXT, "spans": list(spans),
        **changes,
    }  # fmt: skip


def words(*lines: Row, **changes: Any) -> Row:
    pattern = {
        "pattern": "threat.violence.leg", "category": "threat.violence", "title": "Threat of violence", "lang": "zh",
        "conduct": "T01", "tier": "finding", "recipient": None, "frames": ["@beat {4} @you 腿"], "asks": None,
        "not_found": [{"exclusion": "negated", "title": "a denial"}, {"exclusion": "x", "title": EVIL}],
    }  # fmt: skip
    return {
        "category": "threat.violence", "title": "Threat of violence", "in_context": True,
        "utterances": list(lines or [line(span())]), "patterns": [pattern | changes], "unless": ["it is so", EVIL],
        "lexicons_sha256": "0" * 64,
    }  # fmt: skip


def shown(row: Row, lang: str = "en") -> str:
    out = io.StringIO()
    words_section(Page(Words(lang), out), row)
    return out.getvalue()


GOLDEN = f"""
What was said
  in/sms.xml · sms[1]@L3 · 2026-03-01 10:00:00
  +8613800000001 · collector (stated by a person) → {SAFE} · nobody has said who
  this is
    │ 再拖\\u001b[2J就⟦打\\u202e断\\u202e你的腿⟧，\\u27e6等着\\u27e7
    │ 今天还钱

Why it is listed: Threat of violence (threat.violence.leg)
  “打\\u202e断” (@beat) … at most 4 characters … “你” (@you) + “腿”
  Found after invisible characters were left out.
  From a known collector, such wording counts as: finding.
  Looked for, as each of these would have taken the passage away, and not found: a denial,
  {SAFE}.

It would not count if
  · it is so
  · {SAFE}
"""
GOLDEN_ZH = f"""
原话
  in/sms.xml · sms[1]@L3 · 2026-03-01 10:00:00
  +8613800000001 · 催收方（由人标明） → {SAFE} · 还没有人说明是谁
    │ 再拖\\u001b[2J就⟦打\\u202e断\\u202e你的腿⟧，\\u27e6等着\\u27e7
    │ 今天还钱

为什么列出：Threat of violence（threat.violence.leg）
  “打\\u202e断”（@beat） …间隔至多 4 个字符… “你”（@you） + “腿”
  找到的方式：去掉不可见字符之后。
  出自已知的催收方时，这类措辞算作：疑点。
  以下各项只要出现一项就不算，已查过，均未出现：a denial、{SAFE}。

下列情形不算
  · it is so
  · {SAFE}
"""


@pytest.mark.parametrize(("lang", "golden"), [("en", GOLDEN), ("zh", GOLDEN_ZH)])
def test_the_whole_section(lang: str, golden: str) -> None:
    assert shown(words(), lang) == golden


class Terminal(io.StringIO):
    """A terminal with colours."""

    def isatty(self) -> bool:
        return True


def on_terminal(row: Row, monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    words_section(Page(Words("en"), out), row)
    return out.getvalue()


def test_with_colour_the_passage_is_reversed_and_stands_without_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    text = on_terminal(words(), monkeypatch)
    assert "就\x1b[1;7m打\\u202e断\\u202e你的腿\x1b[0m，⟦等着⟧" in text
    assert "\x1b[2J" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colour_the_passage_stands_between_signs(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    text = on_terminal(words(), monkeypatch, **environment)
    assert "⟦打\\u202e断\\u202e你的腿⟧，\\u27e6等着\\u27e7" in text
    assert "\x1b" not in text


def test_frames_where_the_words_that_fill_them_are_not_known() -> None:
    plain = {name: value for name, value in span().items() if name not in ("frame", "slots")}
    text = shown(words(line(plain), frames=["@a @b", "x|" * 200 + "y", "@c", "@d", "@e"]))
    assert "as they were when the case was judged" in text
    assert "@a @b\n" in text
    assert "y\n" not in text
    assert "@d" not in text
    assert "and 2 more" in text


def test_paths_and_frames_of_several_passages_are_said_once() -> None:
    second = span(start_char=0, end_char=2, path="plain")
    text = shown(words(line(span(), second, span(start_char=20, end_char=21))))
    assert "Found after invisible characters were left out, as it stands." in text
    assert text.count("at most 4 characters") == 1
    assert "⟦再拖⟧" in text


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        ("en", ["“打段” (@beat), which sounds like “打断” … at most", "Found by its sound: other words are written"]),
        ("zh", ["“打段”（@beat），听起来像“打断” …间隔至多", "找到的方式：按读音，文字写的是别的词（属推测）。"]),
    ],
)
def test_a_word_that_sounds_like_another(lang: str, parts: list[str]) -> None:
    heard = {"text": "打段", "class": "beat", "within": None, "sounds_like": "打断"}
    text = shown(words(line(span(path="sound", slots=[heard, *span()["slots"][1:]]))), lang)
    assert all(part in text for part in parts), text


def test_a_second_look_points_at_no_words() -> None:
    whole = span(start_char=0, end_char=len(TEXT), pattern="look", path="model", frame=None, slots=[])
    text = shown(words(line(whole), pattern="look", frames=[], not_found=[], tier="review"))
    assert "⟦" not in text
    assert "Found by a statistical second look." in text
    assert "counts as: to be looked at." in text
    assert "Looked for" not in text


def test_who_speaks_is_not_known() -> None:
    nobody = {"role": None, "number": None, "basis": None}
    assert "not known who → not known who" in shown(words(line(span(), speaker=nobody, to=nobody)))


def test_a_finding_page_with_words() -> None:
    out = io.StringIO()
    finding_page(Page(Words("en"), out), "case", finding(words=words(), facts={"asks": None, "quote": EVIL}))
    text = out.getvalue()
    places = [text.index(part) for part in ("What was said", "It would not count if", "What was measured", "The query")]
    assert places == sorted(places)
    assert "to find out" not in text
    assert "\x1b" not in text


# The safety notice

NOTICE: Row = {
    "kind": "safety", "title": "T", "text": "first\nsecond",
    "help": [{"place": "Here", "lines": [{"number": "00000", "what": "a person"}]}],
    "utterances": [
        line(speaker={"role": role, "number": "1", "basis": None}, source=EVIL)
        for role in ("debtor", None, "family", "family")
    ],
}  # fmt: skip
NOTICE_EN = f"""\
T
first
second
  Here
    00000: a person
  Said 2026-03-01 10:00 by: debtor · {SAFE} · sms[1]@L3
  Said 2026-03-01 10:00 by: unknown · {SAFE} · sms[1]@L3
  Said 2026-03-01 10:00 by: family · {SAFE} · sms[1]@L3
  and in 1 more place; collectaudit show --format json names them
This is no finding, and it counts against nobody.

"""


def test_a_notice() -> None:
    out = io.StringIO()
    notices(Page(Words("en"), out), [NOTICE])
    assert out.getvalue() == NOTICE_EN


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_summary_begins_with_the_notice(lang: str) -> None:
    text = said(lang, notices=[NOTICE])
    assert text.index("00000") < text.index(Words(lang)("summary.nothing"))
    assert "00000" not in said(lang)


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        ("en", ["you do not have to carry it alone", "If it is somebody else"]),
        ("zh", ["您不必一个人扛着", "如果是别人"]),
    ],
)
def test_the_notice_speaks_to_both(lang: str, parts: list[str]) -> None:
    assert all(part in Words(lang)("safety.text") for part in parts)
