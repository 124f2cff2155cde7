"""Numbers: classified before they are parsed; the fast path agrees with the reference."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit.numbers import FAST_PATH, HIDDEN, canonical, number_class

WRITTEN = [
    ("13800138000", "+8613800138000", "mobile"),
    ("+86 138-0013-8000", "+8613800138000", "mobile"),
    ("008613800138000", "+8613800138000", "mobile"),
    ("8613800138000", "+8613800138000", "mobile"),
    ("００８６１３８００１３８０００", "+8613800138000", "mobile"),
    ('="13800138000"', "+8613800138000", "mobile"),
    ("\t'13800138000", "+8613800138000", "mobile"),
    ("13800138000,123", "+8613800138000", "mobile"),
    ("1795113800138000", "+8613800138000", "mobile"),
    ("12583113800138000", "+8613800138000", "mobile"),
    ("12583110086", "12583110086", "other"),
    ("010-88880000", "+861088880000", "landline"),
    ("075512345678", "+8675512345678", "landline"),
    ("0755-1234567", "07551234567", "other"),
    ("88880000", "88880000", "other"),
    ("138****8000", "138****8000", "masked"),
    ("138xxxx8000", "138****8000", "masked"),
    ("106900012345", "106900012345", "sender"),
    ("+86106900012345", "106900012345", "sender"),
    ("95555", "95555", "service"),
    ("10086", "10086", "service"),
    ("12345", "12345", "service"),
    ("110", "110", "service"),
    ("4008205555", "4008205555", "service"),
    ("-1", HIDDEN, "hidden"),
    ("未知", HIDDEN, "hidden"),
    ("Restricted", HIDDEN, "hidden"),
    ("*", HIDDEN, "hidden"),
    ("DemoBank", "DemoBank", "name"),
    ("Foo@Example.COM", "foo@example.com", "address"),
    ("+12025550123", "+12025550123", "foreign"),
]


@pytest.mark.parametrize(("text", "expected", "kind"), WRITTEN)
def test_written_in_china(text: str, expected: str, kind: str) -> None:
    assert canonical(text) == expected
    assert number_class(expected) == kind


@pytest.mark.parametrize("text", ["2025550123", "202-555-0123", "12025550123", "(202) 555-0123", "+12025550123"])
def test_written_in_the_united_states(text: str) -> None:
    assert canonical(text, "US") == "+12025550123"


@pytest.mark.parametrize("text", [None, "", "  ", "'"])
def test_nothing_given(text: str | None) -> None:
    assert canonical(text) is None


DIGITS = st.from_regex(
    r"\A((\+?86|0086|\+1|106|95|1[3-9]|0|)[0-9]{3,13}|1[3-9][0-9][- ][0-9]{4}[- ][0-9]{4})\Z", fullmatch=True
)


@pytest.mark.parametrize("region", ["CN", "US"])
@given(text=DIGITS)
def test_what_sql_decides_the_reference_decides_alike(region: str, text: str) -> None:
    fast = duckdb.execute(f"SELECT {FAST_PATH[region].format('$1')}", [text]).fetchall()[0][0]
    assert fast is None or fast == canonical(text, region)


@given(st.text(max_size=30))
def test_any_text_is_answered_and_the_answer_is_stable(text: str) -> None:
    once = canonical(text)
    assert once is None or canonical(once) == once
