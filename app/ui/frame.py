"""What stands around every page: language, case, hiding, notices, and what to say when something is not there."""

import hashlib
import traceback
from functools import cache
from pathlib import Path
from typing import NoReturn

import streamlit as st

from collectaudit import listing, serve, views
from collectaudit.case import Case
from collectaudit.catalogue import LANGUAGES, texts
from collectaudit.errors import CollectAuditError
from collectaudit.serve.guard import LANGUAGE_TAGS
from ui import shown, text, url
from ui.nav import WAYS
from ui.text import plain, say

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_AROUND = shown.part("around")
_PARTS = (
    "ArrowVegaLiteChart", "PageLink", "Button", "ButtonGroup", "TextArea", "TextInput", "NumberInput", "Radio",
    "Multiselect", "Selectbox", "DateInput", "Pagination", "Checkbox",
)  # fmt: skip


def begin() -> None:
    """First in every run: what the address says, and the language."""
    url.keep()
    asked = [url.asked("lang"), str(st.context.locale or ""), serve.language()]
    chosen = next((one[:2].lower() for one in asked if one[:2].lower() in LANGUAGES), LANGUAGES[0])
    st.session_state["lang"] = chosen
    if url.asked("way") not in WAYS:
        st.session_state["way"] = WAYS[0]
    st.html(f"<style>{_STYLE}</style>")


def way() -> str:
    """Which of the two ways in was taken."""
    return str(st.session_state["way"])


def header() -> None:
    """The line above every page: which case, from when to when, that nothing leaves; language, hide."""
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        with st.container():
            shown.text(f"{_about()}\n{plain('app.local')}")
        _numbers_switch()
        _language_switch()
        _AROUND(
            key="around",
            data={
                "text": plain("app.hide"), "keys": plain("app.hide_keys"), "tag": LANGUAGE_TAGS[text.lang()],
                "away": f"/away?lang={text.lang()}", "words": _builtin(), "soon": _soon(),
            },
            width="content",
        )  # fmt: skip


@cache
def _soon() -> list[str]:
    """The parts of Streamlit that another page needs and this one may not; else the browser fetches them at a click."""
    folder = Path(st.__file__).parent / "static" / "static" / "js"
    return [f"/static/js/{path.name}" for name in _PARTS for path in folder.glob(f"{name}.*.js")]


def _builtin() -> list[list[str]]:
    """Streamlit's own words in any other language, and in this one."""
    here = texts(f"{text.lang()}.app")
    there = [texts(f"{other}.app") for other in LANGUAGES if other != text.lang()]
    return [[said[key], here[key]] for said in there for key in said if key.startswith("builtin.")]


def _about() -> str:
    """The case in a line; what cannot be said is left out, the page below says why."""
    try:
        case = current()
        if case is None:
            return plain("app.no_case")
        if case.run() is None:
            return case.path.name
        about = listing.span(case)
    except CollectAuditError:
        return plain("app.no_case")
    days = plain("app.range", first=text.day(about["first_day"]), last=text.day(about["last_day"]))
    return " · ".join([case.path.name, days, plain("app.zone", zone=text.zone(about["time_zone"]))])


def _language_switch() -> None:
    st.session_state["in-lang"] = text.lang()
    st.segmented_control(
        say("app.language"), LANGUAGES, key="in-lang", required=True, label_visibility="collapsed",
        format_func=lambda code: text.words_in(code)("app.this_language"), on_change=_speak,
    )  # fmt: skip


def _numbers_switch() -> None:
    st.session_state["in-numbers"] = text.whole_numbers()
    st.toggle(say("app.whole_numbers"), key="in-numbers", on_change=_unmask)


def _unmask() -> None:
    url.put("numbers", text.WHOLE if st.session_state["in-numbers"] else "masked")


def _speak() -> None:
    url.put("lang", st.session_state["in-lang"])


def current() -> Case | None:
    """The case of the address; None if it names none. Raises WrongUse if it is not there any more."""
    key = url.asked("case")
    return serve.desk().case(key) if key else None


def case() -> Case:
    """The case that the page is about, judged; where there is none the page says what to do, and ends here."""
    found = opened()
    if found.run() is None:
        st.subheader(say("app.empty_title"), anchor=False)
        st.text(plain("app.empty"))
        st.page_link("screens/files.py", label=say("app.to_files"), query_params=url.kept())
        shown.code("empty", plain("app.empty_command", path=found.path))
        st.stop()
    return found


def opened() -> Case:
    """The case that the page is about, judged or not; where there is none the page says what to do, and ends here."""
    found = current()
    if found is None:
        _stop("app.choose")
    return found


def _stop(key: str) -> NoReturn:
    st.text(plain(key))
    st.page_link("screens/start.py", label=say("app.to_start"), query_params=url.kept())
    st.stop()


def notices(of: Case) -> None:
    """What has to be said before everything else; nothing in most cases."""
    for notice in views.notices(of, lang=text.lang()):
        with st.container(border=True, key="notice"):
            st.subheader(text.label(notice["title"]), anchor=False)
            shown.text(notice["text"])
            for place in notice["help"]:
                lines = [f"{line['number']}  {line['what']}" for line in place["lines"]]
                shown.text("\n".join([place["place"], *lines]))
            with st.expander(say("app.notice_where", n=len(notice["utterances"]))):
                for said in notice["utterances"]:
                    shown.text(
                        f"{text.moment(said['at'])} · {said['source']} · {text.place(said['locator'])}\n{said['text']}"
                    )


def run(page: st.Page) -> None:
    """Show the page; what goes wrong is said in words, and an error of ours with a code that holds no data."""
    try:
        page.run()
    except CollectAuditError as error:
        shown.problem(error)
        st.page_link("screens/start.py", label=say("app.to_start"), query_params={"lang": text.lang()})
    except Exception as error:  # noqa: BLE001 — the last line: Streamlit would show the text of the error
        st.error(say("app.crash"))
        shown.code("crash", _places(error))


def _places(error: Exception) -> str:
    """Where it happened: kinds of errors and lines of code, no path of this machine and nothing from the case."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    code = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
    return "\n".join([f"{code} {type(error).__name__}", *lines[-12:]])
