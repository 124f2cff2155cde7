"""The texts of reports, letters and books: both languages say everything, and nothing is left that nobody says."""

import re
from pathlib import Path

from test_catalogue import holes

from collectaudit.catalogue import texts

PACKAGE = Path(__file__).parents[1] / "src" / "collectaudit"
EN, ZH = texts("en.report"), texts("zh.report")
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
# Keys put together from a code: what stands before the hole.
BEGUN = {match[1] for match in re.finditer(r'["\']([a-z]+\.[a-z_]*)\{', CODE)}
CJK = re.compile(r"[\u2e80-\u9fff]")


def test_both_languages_have_the_same_keys() -> None:
    assert list(EN) == list(ZH)


def test_both_say_the_same() -> None:
    for key, en in EN.items():
        zh = ZH[key]
        assert holes(en) == holes(zh), key
        if key != "verify.other_language":
            assert not CJK.search(en), key
            latin = re.search("[A-Za-z]{2}", re.sub(r"\{.*?\}|SHA-256|collectaudit", "", zh))
            assert CJK.search(zh) or not latin, key


def test_every_text_of_book_and_letter_is_used() -> None:
    ours = [key for key in EN if key.startswith(("book.", "letter."))]
    assert ours
    unused = [key for key in ours if f'"{key}"' not in CODE and not any(key.startswith(begun) for begun in BEGUN)]
    assert unused == []
