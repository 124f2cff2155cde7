"""Folding: what each disguise becomes, and that every span leads back to the untouched original."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collectaudit.text import PATHS, Folded, fold

MESSAGE = [  # written, searched, by which way it was found
    ("今天还款", "今天还款", "plain"),
    ("Pay TODAY", "pay today", "plain"),
    ("ｐａｙ　ｔｏｄａｙ", "pay today", "width"),
    ("通\u200b讯\ufeff录", "通讯录", "invisible"),
    ("抓\u0336你\u0336", "抓你", "invisible"),
    ("录\u202e讯\u202c通", "录讯通", "invisible"),
    ("把妳抓進監獄", "把你抓进监狱", "script"),
    ("等著", "等着", "script"),
    ("為什麼", "为什么", "script"),
    ("怎么", "怎么", "plain"),
    ("The U.S. Court", "the u.s. court", "plain"),
    ("爆你通讯 录", "爆你通讯录", "separators"),
    ("爆*你*通*讯*录", "爆你通讯录", "separators"),
    ("爆，你，通，讯，录", "爆你通讯录", "separators"),
    ("p.o.l.i.c.e", "police", "separators"),
    ("w e   w i l l", "we will", "separators"),
    ("w.e. .w.i.l.l", "we will", "separators"),
    ("g.a.r.n.i.s.h y.o.u.r", "garnish your", "separators"),
    ("d.o.n.'.t c.a.l.l", "don't call", "separators"),
    ("I'm a n o b", "i'm anob", "separators"),
    ("请到，家里（面）！", "请到,家里面)!", "separators"),
    ("到，家。", "到,家。", "plain"),
    ("ar*rest", "arrest", "separators"),
    ("你💀定", "你死定", "emoji"),
    ("☠️", "死", "emoji"),
    ("上men", "上门", "spelling"),
    ("去法yuan", "去法院", "spelling"),
    ("don’t", "don't", "plain"),
]
TRANSCRIPT = [
    ("请您今天 之前还", "请您今天 之前还"),
    ("爆 你 通 讯 录", "爆你通讯录"),
    ("他，好", "他,好"),
]
UNTOUCHED = ["今天，我去你家。", "it's past-due, ok?", "Mr. Smith owes us", "【青禾金服】您好", "3.5%", "第1、2期"]


@pytest.mark.parametrize(("raw", "text", "path"), MESSAGE)
def test_message(raw: str, text: str, path: str) -> None:
    folded = fold(raw, message=True)
    assert folded.text == text
    assert folded.path(0, len(text)) == path


@pytest.mark.parametrize(("raw", "text"), TRANSCRIPT)
def test_a_transcript_keeps_its_pauses(raw: str, text: str) -> None:
    assert fold(raw, message=False).text == text


@pytest.mark.parametrize("raw", UNTOUCHED)
def test_punctuation_between_words_stays(raw: str) -> None:
    folded = fold(raw, message=True)
    assert len(folded.text) == len(raw)
    assert folded.path(0, len(raw)) in ("plain", "width")


def test_a_signature_is_a_sentence_of_its_own() -> None:
    assert fold("【青禾金服】您好，【测试】", message=True).text == "【青禾金服〗您好,【测试】"


def test_a_stop_ends_a_sentence_and_a_title_does_not() -> None:
    assert fold("Pay. Mr. Ho waits.", message=True).text == "pay。 mr. ho waits。"


@pytest.mark.parametrize(
    ("raw", "word", "quoted"),
    [
        ("我们会爆*你*通*讯*录哦", "通讯录", "通*讯*录"),
        ("快上men来", "上门", "上men"),
        ("快上men来", "门来", "上men来"),
        ("打\u200b死\u200b你", "死你", "死\u200b你"),
        ("十㎏重", "kg重", "㎏重"),
        ("你☠️定", "死", "☠"),
    ],
)
def test_the_span_quotes_the_original(raw: str, word: str, quoted: str) -> None:
    folded = fold(raw, message=True)
    at = folded.text.index(word)
    start, end = folded.span(at, at + len(word))
    assert raw[start:end] == quoted


def whole(folded: Folded) -> tuple[int, int]:
    return folded.span(0, len(folded.text))


TELLING = "抓 你，。*.-💀☠️\u200b\u202e㈱ﬁＡ①妳men上催sS\n\t'’…İ"
HOSTILE = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(TELLING), st.sampled_from("abc de")), max_size=40)


@given(HOSTILE, st.booleans())
@example("", True)
@example("İ", True)
@example("a b c", False)
def test_offsets_always_lead_back(raw: str, message: bool) -> None:
    folded = fold(raw, message=message)
    assert folded.at is None or len(folded.at) == len(folded.text)
    assert folded.at is None or list(folded.at) == sorted(folded.at)
    for start in range(len(folded.text)):
        first, last = folded.span(start, start + 1)
        assert 0 <= first < last <= len(raw)
        assert folded.path(start, start + 1) in PATHS


@given(HOSTILE)
def test_folding_twice_changes_nothing_more(raw: str) -> None:
    once = fold(raw, message=False).text
    assert fold(once, message=False).text == fold(fold(once, message=False).text, message=False).text
