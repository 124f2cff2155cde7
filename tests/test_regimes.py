"""Regime files: what is read from them, what is refused and where, and the law tables they become."""

import random
import re
from datetime import date, time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from collectaudit.errors import WrongUse
from collectaudit.problems import Problem
from collectaudit.regimes import TABLES, check_regimes, load_regimes, select, write_law
from collectaudit.resources import folder
from collectaudit.tomlcheck import Document, read_document

DATA = Path(__file__).parent / "data" / "regimes"
SCHEMA = Path(__file__).parents[1] / "src" / "collectaudit" / "schema.sql"

# The table of broken files below counts on the lines of this text.
GOOD = (DATA / "good" / "xx.good.toml").read_text(encoding="utf-8")
THIRD = """
[[provision]]
key = "others"
kind = "third_party"
from = 2024-01-01
modality = "prohibit"
article = "4"
text.en = "Never."
text.zh = "禁止。"
url = "https://example.org/rules"
confidence = "R"
channels = ["any"]
to = ["third_party"]
"""
AGAIN = THIRD.replace("others", "calls").replace('"third_party"', '"principle"', 1).split("channels")[0]

# (what is replaced, by what, the line of the problem, part of what it says, part of how to fix it)
BROKEN = [
    ('"xx.good"', '"XX good"', 1, "id 'XX good' has an unknown form", "lower-case"),
    ('jurisdiction = "cn"', 'jurisdiction = "fr"', 2, "'fr' is not known", '"us"'),
    ('issuer = "样例机构"\n', "", 1, "regime has no issuer", "who issued"),
    ('"self"', '"selv"', 4, 'did you mean "self"?', "kind of text"),
    ("reviewed = 2026-01-01", 'reviewed = "2026-01-01"', 6, "'2026-01-01' is not a date", "without quotes"),
    ("reviewed = 2026-01-01", "reviewed = 2026-01-01T00:00:00", 6, "is not a date", "without quotes"),
    ('title.zh = "《良好规则》"\n', "", 7, "title is not given in en and zh", ".zh"),
    ('reviewed = 2026-01-01\n', 'reviewed = 2026-01-01\ntier = "x"\n', 7, "unknown key 'tier'", "title"),
    ('fact = "product"', 'fact = "produkt"', 11, "fact 'produkt' is not known", "decides"),
    ('values = ["credit_card"]', "values = []", 12, "values is not a list of texts", "list the values"),
    ('when_unknown = "silent"\n', "", 10, "applies_to has no when_unknown", "review"),
    ('key = "hours"\n', "", 15, "provision 1 has no key", "short name"),
    ('kind = "hours"', 'kind = "ours"', 17, 'did you mean "hours"?', "what kind"),
    ("from = 2024-01-01\n", "", 15, '"hours" has no from', "first day in force"),
    ('modality = "require"', 'modality = "forbid"', 19, "'forbid' is not known", "prohibit"),
    ('modality = "require"', 'modality = "promise"', 19, "belong together", "a promise is not"),
    ('article = "1"\n', "", 15, 'provision "hours" has no article', "number not seen"),
    ('article = "1"', 'article = " "', 20, "article is not a text", "name the article"),
    ('text.en = "08 to 20"\n', "", 21, "text is not given in en and zh", "in our own words"),
    ("'''\nurl = \"https://example.org/rules\"", "'''", 15, '"hours" has no url', "urn:sha256"),
    ('url = "https://example.org/rules"', 'url = "example.org"', 26, "'example.org' has an unknown form", "urn:sha256"),
    ('confidence = "V"', 'confidence = "M"', 27, '"M" (from memory) is not a source', "find the text"),
    ('confidence = "V"', 'confidence = "v"', 27, "'v' is not known", "find the text"),
    ('channels = ["call", "sms"]', 'channels = "call"', 28, "is not a list", '["any"]'),
    ('channels = ["call", "sms"]', 'channels = ["call", "smss"]', 28, 'did you mean "sms"?', '["any"]'),
    ("opens = 08:00:00", 'opens = "08:00"', 30, "'08:00' is not a time of day", "08:00:00"),
    ("opens = 08:00:00", "open = 08:00:00", 30, "unknown key 'open'", 'did you mean "opens"?'),
    ("opens = 08:00:00", "open = 08:00:00", 15, '"hours" has no opens', "08:00:00"),
    ("opens = 08:00:00", "opens = 20:00:00", 15, "opens must be earlier than closes", "correct"),
    ("closes = 20:00:00", "closes = 20:00:00\nweekdays = [0]", 32, "weekdays 0 is not known", "Monday"),
    ("closes = 20:00:00", 'closes = 20:00:00\nwaiver = "agreed"', 32, 'did you mean "agreed_hours"?', "lifts"),
    ("closes = 20:00:00", 'closes = 20:00:00\ncloses_inclusive = "yes"', 32, "is not true or false", "true"),
    ("closes = 20:00:00", "closes = 20:00:00\ncaveat.en = 'x'", 32, "caveat is not given in en and zh", ".zh"),
    ("until = 2025-01-01", "until = 2024-01-01", 37, "until is not later than from", "no longer in force"),
    ("days = 1", "days = true", 48, "True is not a whole number from 1 to 366", "whole number"),
    ("days = 1", "days = 0", 48, "0 is not a whole number", "whole number"),
    ("min_seconds = 30\n", "", 33, "min_seconds belongs to the unit", "correct"),
    ('unit = "effective"', 'unit = "attempt"', 33, "min_seconds belongs to the unit", "correct"),
    ('channels = ["sms"]\n', "steps = 1\n", 66, "has a step 1 that does not say", "steps = ["),
    ('channels = ["sms"]', 'channels = ["fax"]', 66, "step 1 whose value 'fax' is not known", "steps = ["),
    ('[[provision.steps]]\nby_agency = true\n', "", 66, "at least two steps", "steps = ["),
    (GOOD, GOOD + THIRD, 71, "exactly one of allowed_if, max_contacts", "correct"),
    (GOOD, GOOD + THIRD + 'allowed_if = ["never"]\nmax_contacts = 1\n', 71, "exactly one of allowed_if", "correct"),
    (GOOD, GOOD + AGAIN, 74, 'provision "calls": the values overlap from 2024-01-01', "until = 2024-01-01"),
    (GOOD, GOOD.split("[[")[0], 1, "regime has no provision", "[[provision]]"),
    (GOOD, GOOD.split("[[")[0].split("[app")[0] + "provision = [1]", 10, "provision 1 is not a table", "[[provision]]"),
    ('issuer = "样例机构"', "issuer = 样例机构", 3, "is not TOML", "toml.io"),
    (GOOD, GOOD + "x = [", 70, "is not TOML", "toml.io"),
]  # fmt: skip


def _write(where: Path, text: str, name: str = "xx.toml") -> Path:
    path = where / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_good_file_is_good(tmp_path: Path) -> None:
    assert check_regimes([_write(tmp_path, GOOD + THIRD + 'allowed_if = ["never"]\n')]) == []


@pytest.mark.parametrize(("old", "new", "line", "what", "fix"), BROKEN)
def test_a_broken_file_names_line_fault_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, what: str, fix: str
) -> None:
    assert old in GOOD
    path = _write(tmp_path, GOOD.replace(old, new, 1))
    problems = check_regimes([path])
    assert [p for p in problems if p.line == line and what in p.what and fix in p.fix], list(map(str, problems))
    with pytest.raises(WrongUse, match=r"xx\.toml:\d+: "):
        load_regimes([path])


def test_every_problem_of_every_file_is_told_in_order(tmp_path: Path) -> None:
    _write(tmp_path, GOOD.replace('article = "1"\n', "").replace('confidence = "R"', 'confidence = "M"'), "a.toml")
    _write(tmp_path, GOOD.replace("days = 1", "days = 0"), "b.toml")
    found = [(Path(problem.path).name, problem.line) for problem in check_regimes([tmp_path])]
    assert found == [("a.toml", 15), ("a.toml", 42), ("a.toml", 61), ("b.toml", 1), ("b.toml", 48)]


def test_a_problem_reads_like_a_compiler_message() -> None:
    problem = Problem("regimes/x.toml", 15, 'provision "hours" has no article', "name it")
    assert str(problem) == 'regimes/x.toml:15: provision "hours" has no article; name it'


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [(b"id = 1\nx = '\xff'\n", 2, "is not UTF-8"), (b"", 1, "regime has no authority"), (None, 1, "cannot be read")],
)
def test_files_that_are_no_text_or_no_files(tmp_path: Path, content: bytes | None, line: int, what: str) -> None:
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_bytes(content)
    problem = check_regimes([path])[0]
    assert problem.line == line
    assert what in problem.what


@pytest.mark.parametrize("value", ["1", "true", "1.5", "''", "'x'", "[]", "[1]", "[[]]", "{}", "{en = 1}", "08:00:00"])
def test_no_value_is_so_wrong_that_the_check_falls_over(tmp_path: Path, value: str) -> None:
    lines = GOOD.split("\n")
    for number, line in enumerate(lines):
        if match := re.match(r"([a-z_.]+) = (?!''')", line):
            text = "\n".join([*lines[:number], f"{match[1]} = {value}", *lines[number + 1 :]])
            for problem in check_regimes([_write(tmp_path, text)]):
                assert 0 < problem.line <= len(lines)


@pytest.mark.parametrize("path", sorted(folder("regimes").glob("*.toml")), ids=lambda path: path.stem)
def test_lines_are_found_where_they_are(path: Path) -> None:
    document = read_document(path)
    assert isinstance(document, Document)
    lines = ["", *path.read_text(encoding="utf-8").split("\n")]
    for number, stanza in enumerate(document.data["provision"]):
        assert lines[document.lines["provision", number]] == "[[provision]]"
        assert lines[document.lines["provision", number, "key"]] == f'key = "{stanza["key"]}"'
        assert lines[document.lines["provision", number, "text", "zh"]] == f'text.zh = "{stanza["text"]["zh"]}"'


def test_what_a_file_says_becomes_a_regime() -> None:
    [regime] = load_regimes([DATA / "example"])
    before, after, draft, rumour, *_ = regime.provisions
    assert (regime.id, regime.title_zh, regime.reviewed) == ("xx.example", "《样例规则》", date(2026, 1, 1))
    assert regime.applies_to is not None
    assert regime.applies_to.values == ("credit_card", "car_loan")
    assert before.provision_id == "xx.example/hours@2024-01-01"
    assert (before.quote, after.quote) == (None, "九时至二十时")
    assert (before.instrument_en, after.instrument_en) == ("Example rules", "Example rules, first amendment")
    assert (after.caveat_en, after.caveat_zh) == ("Amended. An example.", "已修正。样例。")
    assert (before.in_force_until, after.in_force_until) == (date(2025, 7, 1), date.max)
    assert (before.status, draft.status, rumour.status) == ("in_force", "proposed", "unconfirmed")


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    run = tmp_path_factory.mktemp("law")
    write_law(load_regimes([DATA / "example"]), run)
    connection = duckdb.connect()
    for table in TABLES:
        connection.read_parquet(str(run / f"{table}.parquet")).create_view(table)
    return connection


def test_tables_have_the_columns_and_types_of_the_schema(law: duckdb.DuckDBPyConnection) -> None:
    schema = duckdb.connect()
    schema.execute(SCHEMA.read_text(encoding="utf-8"))
    for table in TABLES:
        describe = f"SELECT column_name, column_type FROM (DESCRIBE {table})"
        assert law.execute(describe).fetchall() == schema.execute(describe).fetchall(), table


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "SELECT in_force_from, count(*), list(DISTINCT channel ORDER BY channel), list(DISTINCT weekday ORDER BY"
            " weekday), min(opens), max(closes), bool_or(closes_inclusive), min(waiver)"
            " FROM contact_hours GROUP BY 1 ORDER BY 1",
            [
                (date(2024, 1, 1), 10, ["call", "visit"], [1, 2, 3, 4, 5], time(8), time(20), False, "agreed_hours"),
                (date(2025, 7, 1), 7, ["call"], [1, 2, 3, 4, 5, 6, 7], time(9), time(20), True, None),
            ],
        ),
        (
            "SELECT step, channel, by_agency FROM escalation_steps WHERE channel IN ('sms', 'call') ORDER BY 1, 2",
            [(1, "sms", False), (2, "call", None), (3, "call", True), (3, "sms", True)],
        ),
        ("SELECT count(*) FROM escalation_steps", [(2 + 1 + 7,)]),
        (
            "SELECT to_role, list(allowed_if ORDER BY allowed_if) FROM third_party_terms"
            " WHERE provision_id LIKE '%third-parties%' GROUP BY 1 ORDER BY 1",
            [(role, ["deceased", "unreachable"]) for role in ("colleague", "family", "other", "reference")],
        ),
        (
            "SELECT to_role, allowed_if, max_contacts FROM third_party_terms WHERE provision_id LIKE '%strangers%'",
            [("other", None, None)],
        ),
        ("SELECT * FROM regime_scopes", [("xx.example", "product", value, "review") for value in
                                         ("car_loan", "credit_card")]),
        ("SELECT provision_id, status FROM provisions WHERE status <> 'in_force'",
         [("xx.example/hours-draft@2025-01-01", "proposed"), ("xx.example/hours-rumour@2025-01-01", "unconfirmed")]),
        ("SELECT tier, kind, authority, confidence FROM provisions WHERE article = '4'",
         [("review", "escalation", "self", "R")]),
        ("SELECT count(*) FROM banned_conduct", [(0,)]),
    ],
)  # fmt: skip
def test_rows_of_the_law_tables(law: duckdb.DuckDBPyConnection, query: str, expected: list[tuple[Any, ...]]) -> None:
    assert law.execute(query).fetchall() == expected


def test_drafts_and_rumours_reach_no_law_table(law: duckdb.DuckDBPyConnection) -> None:
    for table in set(TABLES) - {"provisions", "regime_scopes"}:
        [(unfit,)] = law.execute(
            f"SELECT count(*) FROM {table} JOIN provisions USING (provision_id) WHERE status <> 'in_force'"
        ).fetchall()
        assert unfit == 0, table


def test_the_same_law_gives_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    regimes = load_regimes()
    written = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_law(regimes, tmp_path / name)
        written.append([(tmp_path / name / f"{table}.parquet").read_bytes() for table in TABLES])
        random.Random(7).shuffle(regimes)  # noqa: S311 (not for secrets)
    assert written[0] == written[1]


def test_select_takes_a_jurisdiction_or_exactly_what_is_named() -> None:
    regimes = load_regimes()
    assert {regime.jurisdiction for regime in select(regimes, "us")} == {"us", "any"}
    assert "practice" in [regime.id for regime in select(regimes, "cn")]
    assert [regime.id for regime in select(regimes, "cn", ["us.regf", "claim.wolai"])] == ["claim.wolai", "us.regf"]
    with pytest.raises(WrongUse, match=r"cn\.gbt45252") as unknown:
        select(regimes, "cn", ["cn.gbt45252"])
    assert 'did you mean "cn.gbt45251"?' in unknown.value.fix
    with pytest.raises(WrongUse, match='jurisdiction "fr"'):
        select(regimes, "fr")
