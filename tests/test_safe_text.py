"""Nothing that a terminal obeys or hides gets through; everything that a reader sees stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit.safe_text import term_safe

KEPT = [
    "",
    "plain",
    "您好，您的贷款已逾期。",
    "【示例消费金融】请于今日 22:00 前还款",
    "Ünïcödé žluťoučký kůň",
    "日本語テスト　全角の空白",
    "한국어",
    "שלום",  # right-to-left letters are text, not controls
    "مرحبا",
    "emoji 😀 👍🏽",
    "❤️ with the selector for emoji",
    "e\u0301 with a combining accent",
    "non-breaking\u00a0space",
    "¥1,000.00 = 一千元",
    "[bold]not markup[/bold]",
    "[/nope]",
    "[link=https://example.invalid]x[/link]",
    ":warning: {placeholder} %s $HOME `id`",
    "C:\\new\\table",
    "\\u0007 typed by a person",
    "=HYPERLINK(1)",
    "'; DROP TABLE events; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
]

ESCAPED = [
    ("a\tb", "a b"),
    ("a\nb", "a\\u000ab"),
    ("a\rb", "a\\u000db"),
    ("a\x00b", "a\\u0000b"),
    ("bell\x07", "bell\\u0007"),
    ("back\x08space", "back\\u0008space"),
    ("form\x0cfeed", "form\\u000cfeed"),
    ("vertical\x0btab", "vertical\\u000btab"),
    ("shift\x0eout\x0f", "shift\\u000eout\\u000f"),
    ("\x1a", "\\u001a"),
    ("\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"),
    ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
    ("\x1b]8;;http://example.invalid\x1b\\x", "\\u001b]8;;http://example.invalid\\u001b\\x"),
    ("\x1b]52;c;YQ==\x07", "\\u001b]52;c;YQ==\\u0007"),
    ("\x1bP+q\x1b\\", "\\u001bP+q\\u001b\\"),
    ("\x1b[2J\x1b[H", "\\u001b[2J\\u001b[H"),
    ("\x1bc", "\\u001bc"),
    ("unit\x1fseparator", "unit\\u001fseparator"),
    ("del\x7f", "del\\u007f"),
    ("\x80", "\\u0080"),
    ("next\x85line", "next\\u0085line"),
    ("\x90dcs", "\\u0090dcs"),
    ("\x9b31mred", "\\u009b31mred"),
    ("\x9d0;title\x9c", "\\u009d0;title\\u009c"),
    ("\x9f", "\\u009f"),
    ("soft\u00adhyphen", "soft\\u00adhyphen"),
    ("\u034f", "\\u034f"),
    ("\u061c", "\\u061c"),
    ("\u115f\u1160", "\\u115f\\u1160"),
    ("\u180e", "\\u180e"),
    ("zero\u200bwidth", "zero\\u200bwidth"),
    ("\u200c\u200d", "\\u200c\\u200d"),
    ("\u200e\u200f", "\\u200e\\u200f"),
    ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
    ("\u202aa\u202bb\u202c", "\\u202aa\\u202bb\\u202c"),
    ("\u202d", "\\u202d"),
    ("photo\u202egnp.exe", "photo\\u202egnp.exe"),
    ("\u2060\u2061\u2062\u2063\u2064", "\\u2060\\u2061\\u2062\\u2063\\u2064"),
    ("\u2066a\u2067b\u2068c\u2069", "\\u2066a\\u2067b\\u2068c\\u2069"),
    ("\u206a\u206f", "\\u206a\\u206f"),
    ("\u2800", "\\u2800"),
    ("\u3164", "\\u3164"),
    ("\ufe00", "\\ufe00"),
    ("\ufeffmark", "\\ufeffmark"),
    ("\uffa0", "\\uffa0"),
    ("\ufff9a\ufffab\ufffb", "\\ufff9a\\ufffab\\ufffb"),
    ("\ufffe\uffff", "\\ufffe\\uffff"),
    ("\ue000", "\\ue000"),
    ("\ud800", "\\ud800"),
    ("half\udc9b", "half\\udc9b"),
    ("\ud83d\ude00", "\\ud83d\\ude00"),
    ("\U0001d173", "\\U0001d173"),
    ("\U000e0001\U000e0041", "\\U000e0001\\U000e0041"),
    ("\U000e0100", "\\U000e0100"),
    ("\U0010ffff", "\\U0010ffff"),
]


@pytest.mark.parametrize("text", KEPT)
def test_what_a_reader_sees_stays(text: str) -> None:
    assert term_safe(text) == text


@pytest.mark.parametrize(("text", "shown"), ESCAPED, ids=range(len(ESCAPED)))
def test_what_a_terminal_obeys_or_hides_is_written_out(text: str, shown: str) -> None:
    assert term_safe(text) == shown


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_no_control_is_left(text: str) -> None:
    shown = term_safe(text)
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert term_safe(shown) == shown
    shown.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_letters_digits_and_punctuation_stay(text: str) -> None:
    assert term_safe(text) == text
