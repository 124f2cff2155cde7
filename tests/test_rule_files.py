"""A rule is a file: what a good one is, and that every problem of a bad one is told with its line and a remedy."""

import re
from pathlib import Path

import pytest
from situations import DATA, shipped

from collectaudit import resources, runs, sqlcheck
from collectaudit.errors import WrongUse
from collectaudit.rules import check_rules, load_rules

GOOD = (DATA / "good-rule.sql").read_text(encoding="utf-8")
NEED = 'severity = "low"\nneeds = '


def change(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


BROKEN = {
    "no-header": (GOOD.split("*/")[1], [(1, "has no header")]),
    "header-not-toml": (change('severity = "low"', "severity = low"), [(3, "the header is not TOML")]),
    "header-open": (GOOD.split("*/")[0], [(1, "has no header")]),
    "another-id": (change('= "good-rule"', '= "bad-rule"'), [(2, 'id "bad-rule" is not the file name')]),
    "no-severity": (change('severity = "low"\n', ""), [(1, "header has no severity")]),
    "unknown-severity": (change('"low"', '"grave"'), [(3, "severity 'grave' is not known")]),
    "unknown-key": (change('severity = "low"', 'severity = "low"\nscope = "x"'), [(4, "unknown key 'scope'")]),
    "one-language": (change("[zh]", "[fr]"), [(1, "header has no zh"), (7, "unknown key 'fr'")]),
    "no-message": (change('message  = "{at_time} 的{channel}"', ""), [(7, "[zh] has no message")]),
    "judging-in-english": (change('"Contact at night"', '"Harassing contact"'), [(5, 'title judges: "Harassing"')]),
    "judging-in-chinese": (change('"夜间联系"', '"夜间违规联系"'), [(8, 'title judges: "违规"')]),
    "unknown-placeholder": (change("{channel} at {at_time}", "{channel} at {when}"), [(6, 'message names "when"')]),
    "open-brace": (change("{channel} at {at_time}", "{channel} at {at_time"), [(6, 'message names "{"')]),
    "unknown-need": (change('severity = "low"', NEED + '["case_facts.colour=red"]'), [(4, "needs")]),
    "strange-need": (change('severity = "low"', NEED + '["1=1; DROP"]'), [(4, "is not of the form")]),
    "needs-no-list": (change('severity = "low"', NEED + '"x"'), [(4, "needs is not a list")]),
    "two-statements": (GOOD + "; SELECT 1", [(1, "holds 2 statements")]),
    "no-statement": (GOOD.split("*/")[0] + "*/", [(1, "holds 0 statements")]),
    "not-a-select": (change("SELECT prov", "CREATE TABLE x AS SELECT prov"), [(1, "is a CREATE statement")]),
    "syntax": (change("FROM contacts", "FORM contacts"), [(12, "is not SQL")]),
    "a-number": (change("at_time < opens", "at_time < TIME '08:00'"), [(14, "holds the value 08:00")]),
    "two-faults": (change("at_time < opens", "weekday > 5 AND on_date < current_date"),
                   [(14, "asks for current_date"), (14, "holds the value 5")]),
    "unknown-table": (change("JOIN contact_hours", "JOIN events"), [(13, 'reads "events"')]),
    "unknown-column": (change("at_time < opens", "at_time < begins"), [(14, "does not fit the tables")]),
    "ends-twice": (GOOD.rstrip() + ";\n-- once more", [(15, "syntax error")]),
    "no-account": (change("account, ", ""), [(11, "does not return account")]),
    "float": (change("channel, at_time", "channel, at_time, duration_s::DOUBLE AS d"), [(11, "returns d as DOUBLE")]),
    "unnamed": (change("channel, at_time", "channel, at_time, channel || 'x'"), [(11, "returns a column")]),
    "wrong-type": (change("event_id, channel", "event_id, event_id AS event_ids, channel"),
                   [(11, "returns event_ids as VARCHAR")]),
    "not-utf-8": (change("夜间联系", "\udcff"), [(8, "is not UTF-8")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_told_with_line_and_remedy(name: str, tmp_path: Path) -> None:
    text, expected = BROKEN[name]
    path = tmp_path / "good-rule.sql"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    problems = check_rules([path])
    told = [
        (problem.line, what if what in problem.what else problem.what)
        for problem, (_, what) in zip(problems, expected, strict=True)
    ]
    assert told == expected
    assert all(problem.fix and problem.path == str(path) for problem in problems)


def test_the_good_rule_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good-rule.sql"
    path.write_text(GOOD, encoding="utf-8")
    assert check_rules([tmp_path]) == []
    rule = load_rules([tmp_path])[[r.id for r in load_rules([tmp_path])].index("good-rule")]
    assert not rule.trusted
    assert rule.sql.startswith("SELECT") and not rule.sql.endswith(";")
    assert rule.tables == {"contacts", "contact_hours"}
    assert rule.limits == {"en": "", "zh": ""}


def test_a_semicolon_or_a_remark_may_end_a_rule(tmp_path: Path) -> None:
    for number, end in enumerate((";", " ; ", "\n-- that was all", "\n/* that was all */\n")):
        text = GOOD.replace("good-rule", f"rule-{number}") + end
        (tmp_path / f"rule-{number}.sql").write_text(text, encoding="utf-8")
    assert check_rules([tmp_path]) == []


def test_the_shipped_rules_are_good() -> None:
    assert check_rules([resources.folder("queries")]) == []
    assert all(rule.trusted and rule.limits["en"] and rule.limits["zh"] for rule in shipped().values())


def test_all_problems_of_all_files_are_told(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.sql").write_text("SELECT 1", encoding="utf-8")
    missing = tmp_path / "missing.sql"
    problems = check_rules([tmp_path, missing])
    assert [Path(problem.path).name for problem in problems] == ["a.sql", "b.sql", "missing.sql"]
    with pytest.raises(WrongUse) as error:
        load_rules([tmp_path])
    assert "a.sql:1: has no header" in error.value.what and "b.sql:1:" in error.value.what


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    text = (resources.folder("queries") / "redial-burst.sql").read_text(encoding="utf-8")
    (tmp_path / "redial-burst.sql").write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse, match="is taken by"):
        load_rules([tmp_path])


def test_a_folder_without_rules_is_a_mistake(tmp_path: Path) -> None:
    assert "no rule files" in check_rules([tmp_path])[0].what


PAGE = (Path(__file__).parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")


def test_the_page_lists_every_shipped_rule_and_no_other() -> None:
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", PAGE.split("## The rules that ship")[1], re.MULTILINE)) == sorted(
        shipped()
    )


def test_the_page_names_every_table_and_function_a_rule_may_use() -> None:
    said = set(re.findall(r"[a-z_]+", PAGE))
    assert said >= sqlcheck.READABLE
    operators = {"count_star"}  # count(*)
    functions = {name for name in sqlcheck.FUNCTIONS if name.isidentifier()} - operators
    assert said >= functions


def test_the_rule_on_the_page_is_a_rule(tmp_path: Path) -> None:
    (tmp_path / "contact-at-night.sql").write_text(PAGE.split("```sql\n")[1].split("```")[0], encoding="utf-8")
    assert check_rules([tmp_path]) == []


def test_the_page_names_every_column_of_contacts() -> None:
    with runs.empty() as con:
        columns = set(sqlcheck.columns(con, "FROM contacts"))
    assert columns <= set(re.findall(r"`([a-z_]+)`", PAGE))
