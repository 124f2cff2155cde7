"""The dashboard's texts, and what its code keeps to: words from the catalogue, data made harmless, no SQL."""

import ast
import re
import sys
from pathlib import Path

import pytest
from appkit import APP, PAGES
from test_catalogue import holes

from collectaudit import contacts
from collectaudit.accounts import ORDERS as ACCOUNT_ORDERS
from collectaudit.arrivals import CODES, GOOD_SET
from collectaudit.catalogue import LANGUAGES, Words, texts
from collectaudit.filtering import PERIOD
from collectaudit.gaps import KINDS
from collectaudit.holdings import ENDINGS, WHAT
from collectaudit.lawbook import TABLE_OF, columns
from collectaudit.lawtables import MOMENTS, OBJECTS
from collectaudit.listing import FACETS, ORDERS, SLICES
from collectaudit.mapping import PHONE, SWITCH
from collectaudit.material import CHOICES, FORMS, SHOWN
from collectaudit.owning import SIDES
from collectaudit.quality import BANDS
from collectaudit.recordings import STATES
from collectaudit.report.channels import BASES
from collectaudit.report.dossier import AUTHORITIES
from collectaudit.resources import folder
from collectaudit.serve.listening import LANGUAGES as SPOKEN

EN, ZH = texts("en.app"), texts("zh.app")
FILES = sorted(APP.rglob("*.py"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
SERVER = (Path(__file__).parents[1] / "src/collectaudit/serve/server.py").read_text(encoding="utf-8")
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

QUIET = ("note", "gb18030")  # said of a file, but nothing is to be done
CARDS = ("android", "iphone", "carrier", "recordings", "chats", "contacts", "switches")
PERSON = ("name", "organisation", "relation", "debtor", "lender", "family", "other")
LIMITS = ("seen", "heard", "words", "people", "law", "counted", "machine", "proof")
LAW = sorted({name for table in TABLE_OF.values() for name in columns(table)})
NUMBERS = {"opens", "closes"} | {name for name in LAW if re.match("(min|max|gap|within)_|days$|months$", name)}
LAW_CODES = {"per": ("debtor", "number"), "scope": ("collector", "lender"), "moment": MOMENTS, "object": OBJECTS}
# Keys that the code puts together, by what it fills in.
BUILT = {
    *(f"dayorder.{order}" for order in ("day-first", "month-first", "year-first")),
    *(f"filter.{name}" for name in (*FACETS, *SLICES, *contacts.FACETS, *contacts.SLICES, *PERIOD)),
    *(f"filter.by_{order}" for order in ORDERS), *(key for key in EN if key.startswith("filter.no_")),
    *(key for key in EN if re.match("contacts.(side|flagged|column)_", key)),
    *(f"findings.suspected_{tier}" for tier in ("finding", "review")),
    *(f"findings.column_{name}" for name in ("time", "what", "who", "weight", "verdict")),
    *(f"event.column_{name}" for name in ("time", "who", "outcome", "where", "finding", "weight")),
    *(f"event.{name}" for name in ("outcome", "lasted", "account", "lender", "agency", "agent")),
    *(f"event.no_words_{kind}" for kind in ("call", "other")), *(f"{name}.menu" for name in PAGES),
    *(f"start.{way}{end}" for way in ("complain", "inspect") for end in ("", "_text")),
    *(f"talk.{key}" for key in ("recording", "flagged", "back", "forward", "line", "broken")),
    *(f"talk.{key}" for key in ("speed", "follow", "keys")),
    *(f"account.{name}" for name in ("n_open", "n_confirmed", "n_dismissed", "n_unsure")),
    *(f"account.{name}_{lane}" for name in ("says", "lane") for lane in ("calls", "messages", "visits", "ours")),
    *(f"account.tip_{name}" for name in ("at", "lane", "said")),
    *(key for key in EN if key.startswith(("log.", "place."))),
    *(f"account.gap_{name}" for name in ("without_recording", "without_call", "without_transcript")),
    *(key for key in EN if re.match(r"(account|quality|blind|elsewhere)\.column_", key)),
    *(f"quality.part_{name}" for name in ("sample", "agreement", "precision", "appeals", "log")),
    *(f"blind.band_{name}" for _, name in BANDS), *(f"filter.by_{name}" for name in ACCOUNT_ORDERS),
    *(f"bulk.{name}{end}" for name in ("chosen", "all", "one") for end in ("", "_box") if f"bulk.{name}{end}" in EN),
    *(f"opinions.as_{name}" for name in ("ordinary", "final")),
    *(f"verdicts.{verdict}" for verdict in ("confirmed", "dismissed", "unsure")),
    *(f"verdicts.none_{tier}" for tier in ("finding", "review")),
    *(f"overview.{name}" for name in ("contacts", "accounts", "suspected", "confirmed", "covered", "reviewed")),
    *(f"overview.{name}_note" for name in ("accounts", "confirmed", "covered", "suspected")),
    *(f"overview.{name}_{end}" for name in ("confirmed", "covered", "reviewed") for end in ("of", "none")),
    *(f"comparison.{name}" for name in ("by_agency", "by_agent", "contacts", "flagged", "portion")),
    *(f"comparison.{name}" for name in ("findings", "compared")),
    *(f"comparison.{name}" for name in ("few", "above", "below", "within", "limit_95", "limit_998")),
    *(f"comparison.has_{what}" for what in ("outcome", "agent", "duration", "recording", "transcript")),
    *(f"comparison.{name}" for name in ("reached", "checkable", "said", "number", "list_said", "list_number")),
    *(f"comparison.column_{name}" for name in ("time", "who", "agency", "why")),
    *(f"overview.column_{name}" for name in ("case", "contacts", "suspected", "confirmed", "waiting", "state")),
    *(f"spread.{name}" for name in ("contacts", "findings", "week", "weekday")),
    *(f"spread.hour_says_{what}" for what in ("contacts", "findings")),
    *(f"files.problem_{code}" for code in CODES), *(f"files.fix_{code}" for code in CODES if code not in QUIET),
    *(f"files.as_{key.split('_', 1)[1]}" for key in EN if key.startswith("files.as_")),
    *(f"files.column_{name}" for name in ("file", "what", "rows", "range", "problems", "reason", "record")),
    *(f"columns.{name}" for name in (*PHONE, *SWITCH)), *(f"columns.side_{side}" for side in ("phone", "switch")),
    *(f"columns.way_{way}" for way in ("in", "out", "forwarded")),
    *(f"columns.collector_{end}" for end in ("caller", "callee", "unknown")),
    *(f"phones.of_{whose}" for whose in ("family", "colleague", "reference", "nobody")),
    *(f"exporting.{card}{end}" for card in CARDS for end in ("", "_steps", "_files")),
    *(f"exporting.kind_{kind}" for kind in GOOD_SET), *(f"people.{name}" for name in PERSON),
    *(key for key in EN if key.startswith("busy.")),
    *(f"rules.value_{name}" for name in LAW if name not in ("opens", "closes", "closes_inclusive")),
    *(f"rules.field_{name}" for name in LAW if name in NUMBERS), *(f"busy.{phase}" for phase in ("verify", "write")),
    *(f"rules.{name}" for name in ("any_channel", "any_to_role", "view_asked", "view_texts")),
    *(f"rules.{name}_{code}" for name, codes in LAW_CODES.items() for code in codes),
    *(f"rules.state_{state}" for state in ("ran", "failed", "no_input", "not_in_force")),
    *(f"rules.column_{name}" for name in ("rule", "state", "seen", "found", "basis")),
    *(f"rules.column_{name}" for name in ("text", "values", "force", "sure")),
    *(f"rules.column_{name}" for name in ("added", "removed", "same", "time", "what", "who")),
    *(f"rules.list_{what}" for what in ("added", "removed")), *(f"about.limit_{name}" for name in LIMITS),
    *(f"about.without_{name}" for name in ("dialects", "pictures", "tone", "whole", "truth")),
    *(f"about.column_{name}" for name in ("part", "amount", "hash")),
    *(f"data.view_{name}" for name in ("sources", "rejects", "runs", "exports", "outside", "whole")),
    *(f"data.column_{name}" for name in ("file", "read_as", "records", "rejects", "span", "hash")),
    *(f"data.column_{name}" for name in ("place", "reason", "record")), *(f"data.what_{what}" for what in WHAT),
    *(f"data.as_{ending[1:]}" for ending in ENDINGS), *(f"data.outside_{name}" for name in ("one", "files")),
    *(f"listen.state_{state}" for state in STATES), *(f"listen.language_{code}" for code in SPOKEN),
    *(f"listen.side_{side}" for side in SIDES),
    *(f"listen.column_{name}" for name in ("recording", "length", "state", "model", "size", "licence", "model_state")),
    *(f"gaps.{kind}{end}" for kind in (*KINDS, "uncovered", "quiet") for end in ("", "_text")),
    *(f"gaps.{name}" for name in ("no_uncovered", "no_quiet", "coarse_minute", "coarse_day")),
    *(f"gaps.column_{name}" for name in ("month", "contacts", "days", "records", "recordings", "when", "days_long")),
    *(f"gaps.column_{name}" for name in ("whose", "file", "number", "status", "rejects")),
    *(f"material.group_{state}{end}" for state in SHOWN for end in ("", "_text")),
    *(f"material.choice_{choice}" for choice in CHOICES), *(f"material.step_{n}" for n in (1, 2, 3)),
    *(f"material.basis_{basis.lower()}" for basis in BASES), *(f"material.form_{form}" for form in FORMS),
    *(f"material.weight_{authority}" for authority in AUTHORITIES),
    *(f"material.{standing}" for standing in ("there", "missing", "hand")),
    *(f"material.column_{name}" for name in ("group", "count", "in", "authority", "need", "state")),
    *(f"material.column_{name}" for name in ("respondent", "numbers", "findings")),
    *(f"{name}.title" for name in ("files", "people", "listen", "story", "gaps", "material")),
    *(f"weekday.{n}" for n in range(1, 8)), *(key for key in EN if key.startswith("builtin.")),
    *(f"dots.{name}" for name in ("when", "channel", "kind", "suspected", "review", "nothing")),
    *(f"dots.column_{name}" for name in ("hour", "n", "suspected")),
    *(f"story.column_{name}" for name in ("rule", "weight", "n", "open")),
    *(f"story.{name}" for name in ("strangers", "untranscribed", "undirected", "rejects", "rules")),
    *(f"told.finding_{tier}" for tier in ("finding", "review")),
}  # fmt: skip

# Arguments that Streamlit reads as Markdown (measured: a picture in them is fetched), by widget; "" is the first one.
MARKDOWN = {
    "markdown", "write", "caption", "title", "header", "subheader", "error", "info", "warning", "success", "metric",
    "expander", "tabs", "button", "form_submit_button", "checkbox", "radio", "selectbox", "multiselect", "toast",
    "popover", "download_button", "text_input", "text_area", "segmented_control", "pills", "toggle", "spinner",
    "number_input", "date_input", "time_input", "file_uploader", "slider", "link_button", "page_link", "status", "Page",
    "badge", "menu_button", "feedback", "select_slider", "color_picker", "chat_input", "audio_input", "progress",
}  # fmt: skip
READ_AS_MARKDOWN = ("label", "help", "title", "page_title", "body", "text", "caption", "captions")
# Widgets that show text as it is, and those that hold none.
PLAIN = {
    "text", "code", "columns", "container", "form", "navigation", "stop", "rerun", "switch_page", "set_page_config",
    "vega_lite_chart", "pagination", "empty", "divider", "fragment", "dialog", "cache_data", "component", "html",
    "tabs", "space",
}  # fmt: skip
NEVER = {
    "table", "json", "exception", "image", "iframe", "dataframe", "data_editor", "help", "latex", "graphviz_chart",
    "mermaid_chart", "video", "pdf", "logo",
}  # fmt: skip


def test_both_languages_have_the_same_keys() -> None:
    assert sorted(EN) == sorted(ZH)


def test_no_key_stands_in_both_catalogues() -> None:
    assert not set(EN) & set(texts("en"))


def test_both_languages_fill_in_the_same() -> None:
    for key in EN:
        assert holes(EN[key]) == holes(ZH[key]), key
        assert EN[key], key
        assert ZH[key], key
        assert not CJK.search(EN[key]), key
        assert CJK.search(ZH[key]) or not re.search(r"[a-z]{3}", re.sub(r"\{\w+\}", "", ZH[key])), key


def test_every_text_is_used() -> None:
    code = CODE + SERVER
    assert {key for key in EN if f'"{key}"' not in code and f"'{key}'" not in code} <= BUILT


def test_every_text_that_is_used_is_there() -> None:
    known = {*EN, *texts("en")}
    families = "|".join({key.split(".")[0] for key in EN})
    assert set(re.findall(rf'"((?:{families})\.\w+)"', CODE)) <= known
    assert known >= BUILT


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_gives_a_verdict(lang: str) -> None:
    verdicts = re.compile(r"illegal|unlawful|harass|violat|guilty|违法|非法|骚扰|违规|侵权|犯罪", re.IGNORECASE)
    assert not [key for key, text in texts(f"{lang}.app").items() if verdicts.search(text)]


def test_the_command_line_does_not_load_them() -> None:
    assert "app.name" not in Words("zh")
    assert Words("zh", "app")("app.this_language") == "中文"
    assert Words("zh", "app").word("role", "debtor") == "债务人"


def test_the_pages_lie_where_the_program_looks() -> None:
    assert folder("app") == APP
    assert {"start", "findings", "event"} <= set(PAGES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_words_and_no_sql_in_the_code(path: Path) -> None:
    docs = {id(node.body[0].value) for node in ast.walk(TREES[path]) if _documented(node)}  # type: ignore[attr-defined]
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            assert not CJK.search(node.value), node.value
            assert not re.search(r"\bSELECT\b|\bFROM\b|\bWHERE\b", node.value), node.value


def _documented(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pages_import_streamlit_and_us_alone(path: Path) -> None:
    for node in ast.walk(TREES[path]):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            first = name.split(".")[0]
            assert first in {"streamlit", "collectaudit", "ui"} or first in sys.stdlib_module_names, name
            assert first not in {"subprocess", "socket", "urllib.request", "http"}
    assert "duckdb" not in path.read_text(encoding="utf-8")


def _calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call of a function of Streamlit, by its name."""
    found = []
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "st":
                found.append((node.func.attr, node))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_streamlit_reads_as_markdown_is_made_harmless(path: Path) -> None:
    for name, call in _calls(path):
        assert name not in NEVER, f"st.{name}: see ui/shown.py"
        assert name in MARKDOWN | PLAIN, f"st.{name} is in no list: is it Markdown?"
        assert not any(keyword.arg == "unsafe_allow_html" for keyword in call.keywords)
        if name in MARKDOWN:
            first = [] if name in ("page_link", "Page", "progress") else call.args[:1]
            named = [word.value for word in call.keywords if word.arg in READ_AS_MARKDOWN]
            for argument in (*first, *named):
                assert _harmless(argument, path), f"{path.name}:{call.lineno} st.{name}: say(…) or label(…)"
        if name == "html":
            assert isinstance(call.args[0], ast.JoinedStr)
            assert ast.unparse(call.args[0]) == "f'<style>{_STYLE}</style>'"


def _harmless(node: ast.expr, path: Path) -> bool:
    """A text of the catalogue through `say`, data through `label`, or a name that was given one of these."""
    match node:
        case ast.Call(func=ast.Name(id="say" | "label") | ast.Attribute(attr="label")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[ast.GeneratorExp(elt=part)]):
            return _harmless(part, path)
        case ast.Name(id=name):
            values = [
                part.value
                for part in ast.walk(TREES[path])
                if isinstance(part, ast.Assign) and any(getattr(target, "id", "") == name for target in part.targets)
            ]
            return bool(values) and all(_harmless(value, path) for value in values)
        case ast.IfExp(body=body, orelse=orelse):
            return _harmless(body, path) and _harmless(orelse, path)
        case ast.Constant(value=None):
            return True
    return False


@pytest.mark.parametrize("path", sorted(APP.rglob("*.js")), ids=lambda path: path.stem)
def test_widgets_of_ours_write_text_only(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?:", code)
    assert not CJK.search(code)
