"""What was heard is found by its sound: as the same frames over sounds would find it, within bounds, and never more."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from frame_regexes import regex
from hypothesis import example, given
from hypothesis import strategies as st
from test_matcher import framed
from test_matcher import lexicon as bare

from collectaudit.text import fold
from collectaudit.words import ear
from collectaudit.words.ear import Ear
from collectaudit.words.lexicon import Exclusion, Lexicon, load_lexicon
from collectaudit.words.matcher import Matcher
from collectaudit.words.sound import forms, sounded, syllables

OWN_SET = Path(__file__).parent / "data/words/utterances.jsonl"
COLLECTING = {"collector", "creditor_system", "claimed_authority", "scammer"}
CLASSES = {"you": ("你", "你们"), "beat": ("打断", "打断腿", "还款", "kill*"), "both": ("@you", "@beat", "狗腿")}
Found = list[tuple[int, int, tuple[str, ...]]]


def lexicon(frames: list[str], *exclusions: Exclusion, **more: tuple[str, ...]) -> Lexicon:
    return replace(bare(frames, exclusions), classes=CLASSES | {"debt": ("欠",), **more})


def heard(lex: Lexicon, text: str) -> Found:
    """Where frames stand by their sound only, and the words that fill them."""
    matcher = Matcher(lex)
    found = Ear(matcher).hits(matcher.look(text, message=False))
    return [(one.hit.start, one.hit.end, one.words) for one in found]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("通讯录", "通信路", False),
        ("通讯录", "通讯路", True),
        ("逾期", "预期", True),
        ("逾期", "于七", True),
        ("后果自负", "后果自付", True),
        ("转告", "转高", True),
        ("还款", "海款", True),
        ("还款", "换款", True),
        ("催收", "随收", False),
        ("起诉", "启诉", True),
        ("pay", "pey", False),
    ],
)
def test_what_sounds_alike(one: str, other: str, same: bool) -> None:
    assert (sounded(other) in forms(one)) is same


def test_only_words_of_several_known_characters_have_a_sound() -> None:
    assert [list(forms(word)) for word in ("还", "ktv", "爆ktv", "")] == [[], [], [], []]
    assert (syllables("还款。ktv"), sounded("。ktv")) == (2, "。ktv")
    assert len(sounded("还款。ktv")) == len("还款。ktv")


FRAME = "@beat {4} @you {2} 胳膊|通讯录"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("打段你的胳膊", [(0, 6, ("打断", "你", "胳膊"))]),
        ("打段你的胳博", [(0, 6, ("打断", "你", "胳膊"))]),
        ("打断你的胳膊", []),  # as written: no need to listen
        ("打断你的胳膊,打段你的胳膊", [(7, 13, ("打断", "你", "胳膊"))]),
        ("大段你的胳膊", []),  # no character as it should be
        ("打断泥的胳膊", []),  # a single character by its sound
        ("我打段你的通讯路", [(1, 8, ("打断", "你", "通讯录"))]),
        ("打段。你的胳膊", []),
    ],
)
def test_a_word_keeps_a_character(text: str, found: Found) -> None:
    assert heard(lexicon([FRAME]), text) == found


@pytest.mark.parametrize(
    ("frame", "text", "found"),
    [
        ("通讯录 {2} 里", "通讯路里", True),  # four with a long word
        ("通讯录", "通讯路", False),
        ("后果自负", "后果自付", True),
        ("打断 {2} 狗腿", "打段狗腿", False),
        ("打断 {2} 狗腿子", "打段狗腿子", True),
        ("打断 {2} kill* {2} 狗", "打段kill狗", False),  # only Chinese has syllables here
    ],
)
def test_short_wording_is_not_taken_by_its_sound(frame: str, text: str, found: bool) -> None:
    assert bool(heard(lexicon([frame]), text)) is found


@pytest.mark.parametrize(
    ("where", "text"), [("before", "不汇打段你的胳膊"), ("over", "打段你的胳膊"), ("text", "打段你的胳膊。不汇")]
)
def test_an_exclusion_is_heard_too(where: str, text: str) -> None:
    exclusion = Exclusion("x", where, 3, (framed("打断" if where == "over" else "不会"),), (), {})
    assert heard(lexicon([FRAME]), text)
    assert heard(lexicon([FRAME], exclusion), text) == []


def test_what_is_taken_away_as_written_is_not_found_by_its_sound() -> None:
    exclusion = Exclusion("x", "before", 3, (framed("不会"),), (), {})
    lex = lexicon(["@beat {4} @you {8} 胳膊"], exclusion)
    assert heard(lex, "不会打断你的胳膊和胳博") == []


def test_a_solid_word_is_not_cut_by_sounds() -> None:
    assert heard(lexicon(["判断 {2} 你的胳膊"]), "判段力你的胳膊")
    assert heard(lexicon(["判断 {2} 你的胳膊"], solid=("判断力",)), "判段力你的胳膊") == []


ALPHABET = "你泥们门打大断段端腿退狗购还换海款宽不。 ,kil"
SOUNDS = [
    "@beat {3} @you",
    "@you {2} @beat {2} @both",
    "@both {0} @both {4!} 狗腿",
    "@both @both",
    "还款|不还 {3} 打断腿",
]


PIECES = (
    "打断",
    "打段",
    "大断",
    "打段退",
    "打端腿",
    "你",
    "你们",
    "泥们",
    "你门",
    "还款",
    "换款",
    "海款",
    "不还",
    "不海",
    "狗腿",
    "购腿",
)
TEXTS = st.lists(st.sampled_from([*PIECES, *ALPHABET, "kill"]), max_size=10).map("".join)


@given(st.sampled_from(SOUNDS), TEXTS)
@example("@beat {3} @you", "打段换款海款你们")
def test_frames_by_sound_agree_with_regular_expressions(frame: str, text: str) -> None:
    lex = lexicon([frame])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ear, "_LEAST", 0)
        found = [(start, end) for start, end, _ in heard(lex, text)]
    written = [one.span() for one in re.finditer(regex(framed(frame), lex), text, re.ASCII)]
    by_sound = [one.span() for one in re.finditer(regex(framed(frame), lex, _also_by_sound), text, re.ASCII)]
    assert found == [(a, b) for a, b in by_sound if not any(a < d and c < b for c, d in written)]


def _also_by_sound(word: str) -> str:
    """A word, or what sounds like it and has one of its characters."""
    if not any(forms(word)):
        return ""
    kept = ("".join(char if at == n else _alike(char) for n, char in enumerate(word)) for at in range(len(word)))
    return "|".join(kept)


def _alike(char: str) -> str:
    readings = {form[0] for form in forms(char * 2)}
    return "[" + "".join(other for other in ALPHABET if sounded(other) in readings) + "]"


@pytest.fixture(scope="module")
def shipped() -> tuple[Matcher, Ear]:
    matcher = Matcher(load_lexicon())
    return matcher, Ear(matcher)


def categories(shipped: tuple[Matcher, Ear], text: str) -> tuple[set[str], set[str]]:
    """The kinds of wording that stand in a transcript, as written and by sound."""
    matcher, ear = shipped
    sight = matcher.look(fold(text, message=False).text, message=False)
    return {hit.pattern.category for hit in matcher.hits(sight)}, {one.hit.pattern.category for one in ear.hits(sight)}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("今天不还款我就给你通讯路里的人打电话", "third_party.contact_threat"),
        ("麻烦您转高他,他的借款一直没还", "third_party.disclosure"),
        ("麻烦您转告他,他的借款已经预期三个月了", "third_party.disclosure"),
        ("明天我们就到你单味去找你", "threat.visit"),
    ],
)
def test_the_lexicons_hear_what_a_recogniser_writes(shipped: tuple[Matcher, Ear], text: str, category: str) -> None:
    assert category in categories(shipped, text)[1]


def misheard(shipped: tuple[Matcher, Ear]) -> Iterator[tuple[str, str]]:
    """Examples of the lexicons with one character of the wording written as another that sounds like it."""
    matcher, _ = shipped
    chance = random.Random(4)  # noqa: S311  which character
    alike: dict[str, list[str]] = {}
    for code in range(0x4E00, 0x9FFF):
        if sounded(chr(code)) != chr(code):
            alike.setdefault(sounded(chr(code)), []).append(chr(code))
    for pattern in load_lexicon().patterns:
        for example_ in pattern.match if pattern.lang == "zh" else ():
            text = fold(example_, message=False).text
            hits = [hit for hit in matcher.hits(matcher.look(text, message=False)) if hit.pattern.id == pattern.id]
            places = [n for hit in hits[:1] for slot in hit.slots for n in range(*slot) if syllables(text[n])]
            if places:
                at = chance.choice(places)
                yield pattern.category, text[:at] + chance.choice(alike[sounded(text[at])]) + text[at + 1 :]


def test_wording_with_a_character_misheard(shipped: tuple[Matcher, Ear]) -> None:
    rows = [(category, *categories(shipped, text)) for category, text in misheard(shipped)]
    written = sum(category in by_word for category, by_word, _ in rows) / len(rows)
    found = sum(category in by_word | by_sound for category, by_word, by_sound in rows) / len(rows)
    assert len(rows) > 400
    assert written < 0.6
    assert found >= 0.75, (written, found)


def test_lawful_turns_give_nothing_more_to_listen_to(shipped: tuple[Matcher, Ear]) -> None:
    rows = [json.loads(line) for line in OWN_SET.read_text(encoding="utf-8").splitlines()]
    lawful = [row["text"] for row in rows if row["verdict"] == "lawful" and row["speaker"] in COLLECTING]
    more = [text for text in lawful if any(not name.startswith("states.") for name in categories(shipped, text)[1])]
    assert len(lawful) > 100
    assert len(more) <= 0.01 * len(lawful), more
