"""Both languages say everything, and nothing is left that nobody says."""

import re
import string
import tomllib
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit import runs, sqlcheck
from collectaudit.catalogue import LANGUAGES, Words, language, texts
from collectaudit.cli import root
from collectaudit.commands.params import FACTS, OPINIONS, OWN_CALL, ROLES, SEVERITIES, TIERS, VERDICTS
from collectaudit.commands.shell import Group
from collectaudit.evaluation.disguises import DISGUISES
from collectaudit.evaluation.report import MISTAKES, QUESTIONS
from collectaudit.lawtables import KINDS, STATEMENTS
from collectaudit.owning import SIDES
from collectaudit.resources import folder
from collectaudit.rules import load_rules
from collectaudit.text import PATHS
from collectaudit.words.lexicon import CONDUCTS
from collectaudit.wrapping import cells, wrap

PACKAGE = Path(__file__).parents[1] / "src" / "collectaudit"
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
QUERIES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder("queries").glob("*.sql")))
EN, ZH = texts("en"), texts("zh")

# Families whose keys are codes of the data, and all their codes.
VOCABULARY = {
    "channel": {"call", "sms", "im", "voicemail", "visit", "email", "letter"},
    "role": set(ROLES),
    "authority": {"law", "rule", "std", "self", "guide", "promise", "practice"},
    "modality": {"prohibit", "require", "advise", "presume", "promise"},
    "severity": set(SEVERITIES),
    "tier": set(TIERS),
    "verdict": set(VERDICTS),
    "opinion": set(OPINIONS),
    "fact": set(FACTS),
    "fact_value": {"consumer_finance", "credit_card", "digital_wallet"},
    "number": {"name", "phone", "hidden"},
    "outcome": {"connected", "unanswered", "sent", "delivered", "undelivered", "not_sent"},
    "statement": set(STATEMENTS),
    "unit": {"attempt", "unanswered", "connected", "effective"},
    "jurisdiction": {"cn", "us", "any"},
    "basis": {"people.csv", "export", "contacts", "assumed"},
    "same_why": {
        "time",
        "stem",
        "file",
        "made_here",
        "number_overlap",
        "number_near",
        "name_overlap",
        "name_near",
        "only_overlap",
        "leg",
        "call_id",
    },
    "side": set(SIDES),
    "own_call": set(OWN_CALL),
    "confidence": {"V", "R", "R!"},
    "path": {*PATHS, "sound", "model"},
    "conduct": set(CONDUCTS),
    "kind": {
        *("aside", "companion", "events", "contacts", "people", "facts", "recordings", "told", "transcripts"),
        *KINDS,
    },
    "slice": {"all", "collecting_side", "speaker_unknown"},
    "found_as": set(QUESTIONS),
    "disguise": set(DISGUISES),
    "mistake": set(MISTAKES),
}


def holes(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def keys(family: str) -> set[str]:
    return {key.removeprefix(f"{family}.") for key in EN if key.startswith(f"{family}.")}


def commands(group: Group, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    found: dict[tuple[str, ...], click.Command] = {}
    for name, command in group.commands.items():
        found[*path, name] = command
        found |= commands(command, (*path, name)) if isinstance(command, Group) else {}
    return found


def test_both_languages_have_the_same_keys() -> None:
    assert sorted(EN) == sorted(ZH)


def test_both_languages_fill_in_the_same() -> None:
    for key in EN:
        assert holes(EN[key]) == holes(ZH[key]), key
        assert EN[key], key
        assert ZH[key], key


@pytest.mark.parametrize("family", VOCABULARY)
def test_every_code_has_its_word(family: str) -> None:
    assert keys(family) == VOCABULARY[family]


def test_every_command_and_option_has_its_text() -> None:
    every = commands(root)
    assert keys("help") == {"collectaudit", *("-".join(path) for path in every)}
    used = {"version"}
    for path, command in every.items():
        options = [param.name for param in command.params if isinstance(param, click.Option)]
        used |= {own if (own := f"{'-'.join(path)}-{name}") in keys("option") else str(name) for name in options}
    assert keys("option") == used


def test_every_suggestion_has_its_reason() -> None:
    hints = tomllib.loads((folder("lexicons") / "debt_vocabulary.toml").read_text(encoding="utf-8"))["hint"]
    said = {hint["reason"] for hint in hints} | {"several_people", "class_service", "class_sender", "class_landline"}
    assert keys("reason") == said


def test_every_reason_of_a_rule_has_its_text() -> None:
    assert keys("rule_reason") == set(re.findall(r'because\(\s*"(\w+)"', CODE))


SAID_BY_NAME = {
    "cli", "usage", "summary", "safety", "eval", "finding", "words", "unless", "try", "list", "done", "doctor", "word",
    "listen", "demo", "batch",
}  # fmt: skip
BUILT = {  # keys that the code puts together
    *(f"summary.{key}" for key in ("some", "both", "to_look_at")),
    *(
        f"summary.{key}"
        for key in ("unknown", "assumed", "no_owner", "undated", "undirected", "rejects", "partly", "rules")
    ),
    *(f"summary.{key}" for key in ("untranscribed", "not_listened", "lost")),
    *(f"list.{key}" for key in ("suggestion", "stranger")),
    *(f"cli.{key}" for key in ("options", "commands")),
}


def test_every_text_is_used() -> None:
    said = {key for key in EN if key.split(".")[0] in SAID_BY_NAME}
    assert {key for key in said if f'"{key}"' not in CODE} <= BUILT


def test_every_text_that_is_used_is_there() -> None:
    named = re.findall(rf'"((?:{"|".join(SAID_BY_NAME)})\.\w+)"', CODE)
    assert set(named) <= set(EN)


def test_every_measured_fact_has_its_word() -> None:
    with runs.empty() as con:
        columns = {name for rule in load_rules() for name in sqlcheck.columns(con, rule.sql)}
    assert columns - sqlcheck.KEYS <= keys("column")


def test_every_column_is_one() -> None:
    assert keys("column") <= set(re.findall(r"\w+", CODE + QUERIES))


def test_every_word_of_a_record_can_be_stored() -> None:
    stored = set(re.findall(r"'(\w+)'", (PACKAGE / "sql/types.sql").read_text(encoding="utf-8")))
    assert VOCABULARY["channel"] | VOCABULARY["role"] | VOCABULARY["outcome"] <= stored


def test_no_family_is_unknown() -> None:
    known = {
        *VOCABULARY,
        *SAID_BY_NAME,
        "help",
        "option",
        "reason",
        "rule_reason",
        "column",
        "progress",
        "status",
        "state",
        "check",
        "date",
        "month",
        "zone",
    }
    assert {key.split(".")[0] for key in EN} <= known


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_ALL": "", "LC_MESSAGES": "zh_CN.GB18030"}, "zh"),
        ({"LANG": "en_US", "COLLECTAUDIT_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN", "COLLECTAUDIT_LANG": "en"}, "en"),
        ({"LANG": "zh_CN", "COLLECTAUDIT_LANG": ""}, "zh"),
    ],
)
def test_the_language_of_the_environment(environ: dict[str, str], lang: str) -> None:
    assert language(environ) == lang


def test_numbers_agree_with_their_nouns() -> None:
    words = Words("en")
    assert words("list.suggestion", number="1", contacts=1, role="x") == "1 · 1 contact · perhaps: x"
    assert words("list.suggestion", number="1", contacts=1200, role="x") == "1 · 1,200 contacts · perhaps: x"
    assert Words("zh")("list.suggestion", number="1", contacts=1200, role="某") == "1 · 1,200 次联系 · 可能是：某"


def test_arguments_are_no_templates() -> None:
    assert Words("en")("cli.error", what="{x} {0.__class__}") == "Error: {x} {0.__class__}"


def test_codes_become_words() -> None:
    words = Words("zh")
    assert words.word("role", "family") == "亲属"
    assert words.word("role", None) == "不详"
    assert words.word("role", "something new") == "something new"
    assert words.value("allowed_if", ["unreachable", "third_party_consent"]) == "债务人失联、同意联系第三人"
    assert words.value("agreed", True) == "是"
    assert words.value("closes", None) == ""
    assert words.value("allowed_if", []) == "无"
    assert words.pick({"title_zh": "标题", "title_en": "title"}, "title") == "标题"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_gives_a_verdict(lang: str) -> None:
    verdicts = re.compile(r"illegal|unlawful|harass|violat|guilty|违法|非法|骚扰|违规|侵权|犯罪", re.IGNORECASE)
    assert not [key for key, text in texts(lang).items() if verdicts.search(text)]


@given(st.text(alphabet="ab cde，。债务人联系22:00", max_size=200), st.integers(min_value=10, max_value=60))
def test_wrapping_keeps_the_text_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert cells(line.rstrip()) <= width or " " not in line.strip()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one two three", ["one two", "three"]),
        ("催收方在规定时段外打来电话", ["催收方在规", "定时段外打", "来电话"]),
        ("在规定时段，来电", ["在规定时", "段，来电"]),
        ("a-very-long-word-that-stays", ["a-very-long-word-that-stays"]),
        ("电话 13800138000", ["电话", "13800138000"]),
    ],
)
def test_wrapping(text: str, lines: list[str]) -> None:
    assert wrap(text, 10) == lines


@pytest.mark.parametrize(
    ("cited", "en", "zh"),
    [
        ("第二十五条", "第二十五条", "第二十五条"),
        ("条号未见", "(article number not seen)", "（条号未见）"),
        ("number not seen", "(article number not seen)", "（条号未见）"),
        (None, "", ""),
    ],
)
def test_an_article_is_cited_as_it_stands_and_an_unseen_one_is_said_in_words(
    cited: str | None, en: str, zh: str
) -> None:
    assert (Words("en").article(cited), Words("zh").article(cited)) == (en, zh)


@pytest.mark.parametrize(
    ("number", "zh"),
    [
        ("+8613800138000", "+8613800138000"),
        ("name:李经理", "聊天名“李经理”"),
        ("name:a:b", "聊天名“a:b”"),
        ("phone:this", "没有说明号码的手机"),
        ("hidden", "号码不明"),
        ("phone", "phone"),  # senders of messages call themselves what they like
        ("hidden:1", "hidden:1"),
        (None, ""),
    ],
)
def test_who_has_no_number_is_named_in_words(number: str | None, zh: str) -> None:
    assert Words("zh").number(number) == zh
