"""The dashboard's texts, and what its code keeps to: words from the catalogue, data made harmless, no SQL."""

import ast
import re
import sys
from pathlib import Path

import pytest
from appkit import APP, PAGES
from test_catalogue import holes

from collectaudit.catalogue import LANGUAGES, Words, texts
from collectaudit.listing import FACETS, ORDERS
from collectaudit.resources import folder

EN, ZH = texts("en.app"), texts("zh.app")
FILES = sorted(APP.rglob("*.py"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
SERVER = (Path(__file__).parents[1] / "src/collectaudit/serve/server.py").read_text(encoding="utf-8")
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

# Keys that the code puts together, by what it fills in.
BUILT = {
    *(f"findings.{facet}" for facet in FACETS), *(f"findings.by_{order}" for order in ORDERS),
    *(f"findings.no_{facet}" for facet in ("verdict", "channel", "agency", "account")),
    *(f"findings.suspected_{tier}" for tier in ("finding", "review")),
    *(f"findings.column_{name}" for name in ("time", "what", "who", "weight", "verdict")),
    *(f"event.column_{name}" for name in ("time", "who", "outcome", "where", "finding", "weight")),
    *(f"event.{name}" for name in ("outcome", "lasted", "account", "lender", "agency", "agent")),
    *(f"event.no_words_{kind}" for kind in ("call", "other")), *(f"{name}.menu" for name in PAGES),
    *(f"start.{way}{end}" for way in ("complain", "inspect") for end in ("", "_text")),
    *(f"talk.{key}" for key in ("recording", "flagged", "back", "forward", "line", "broken")),
    *(f"verdicts.{verdict}" for verdict in ("confirmed", "dismissed", "unsure")),
    *(f"verdicts.none_{tier}" for tier in ("finding", "review")), *(f"month.{n}" for n in range(1, 13)),
    "zone.Asia/Shanghai", *(key for key in EN if key.startswith("builtin.")),
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
    "pagination", "empty", "divider", "fragment", "dialog", "component", "html", "tabs", "space",
}  # fmt: skip
NEVER = {
    "table", "json", "exception", "image", "iframe", "dataframe", "data_editor", "help", "latex", "graphviz_chart",
    "mermaid_chart", "video", "pdf", "logo",
}  # fmt: skip


def test_both_languages_have_the_same_keys() -> None:
    assert sorted(EN) == sorted(ZH)


def test_no_key_stands_in_both_catalogues() -> None:
    assert not set(EN) & set(texts("en"))


@pytest.mark.parametrize("key", sorted(EN))
def test_both_languages_fill_in_the_same(key: str) -> None:
    assert holes(EN[key]) == holes(ZH[key])
    assert EN[key]
    assert ZH[key]
    assert not CJK.search(EN[key])
    assert CJK.search(ZH[key]) or not re.search(r"[a-z]{3}", re.sub(r"\{\w+\}", "", ZH[key]))


@pytest.mark.parametrize("key", sorted(EN))
def test_every_text_is_used(key: str) -> None:
    assert re.search(rf"""["']{re.escape(key)}["']""", CODE + SERVER) or key in BUILT


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
            assert first in {"streamlit", "altair", "collectaudit", "ui"} or first in sys.stdlib_module_names, name
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
            first = [] if name in ("page_link", "Page") else call.args[:1]
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
    return False


@pytest.mark.parametrize("path", sorted(APP.rglob("*.js")), ids=lambda path: path.stem)
def test_widgets_of_ours_write_text_only(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?:", code)
    assert not CJK.search(code)
