"""Material to hand in: which findings, where to, what is still missing, and the files to take along."""

from collections.abc import Mapping

import streamlit as st

from collectaudit import material
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.material import ABOUT, CHANNELS, CHOICES, FILTERS, GROUPS, Channel
from ui import frame, printed, shown, steps, text, url
from ui.leads import Lead, chosen, table
from ui.shown import Cell
from ui.text import plain, say

FORMS = ("page", *material.TABLES)  # a complaint pack is one more
TYPES = {
    "page": ("html", "text/html"), "csv": ("csv", "text/csv"), "parquet": ("parquet", "application/octet-stream"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}  # fmt: skip
LONGEST = {"request": 2000}  # characters; of the others 200


def made(case: Case, form: str, choice: str, channel: Channel, told: Mapping[str, str]) -> bytes:
    """One file of the material: the only place that makes any."""
    if form == "page":
        return printed.page(case, choice, channel.name, told)
    return material.table(case, choice, form)


def choice_of(counts: Mapping[str, int]) -> str:
    """What goes in: what somebody confirmed, or also what is only suspected."""
    st.subheader(say("material.what"), anchor=False)
    key = chosen("choice", list(CHOICES), "confirmed" if counts["confirmed"] else "both")
    labels = {name: say(f"material.choice_{name}", n=counts["confirmed"], m=counts["suspected"]) for name in CHOICES}
    st.radio(
        say("material.what"), list(CHOICES), key=key, on_change=url.follow, args=("choice",),
        label_visibility="collapsed", format_func=labels.__getitem__,
    )  # fmt: skip
    return str(st.session_state[key])


def counted(counts: Mapping[str, int], choice: str) -> None:
    """Each group by itself, with the way to its findings, and whether it goes in."""
    leads = [
        Lead(
            (
                Cell(plain(f"material.group_{group}"), plain(f"material.group_{group}_text")),
                Cell(f"{counts[group]:,}"),
                Cell(plain("material.goes_in" if group in CHOICES[choice] else "material.stays_out")),
            ),
            "findings", FILTERS[group],
        )
        for group in GROUPS if counts[group] or group in CHOICES["both"]
    ]  # fmt: skip
    titles = [plain(f"material.column_{name}") for name in ("group", "count", "in")]
    table("groups", titles, leads, plain("material.what"))
    if not sum(counts[group] for group in CHOICES[choice]):
        st.text(plain("material.nothing"))


def by_authority(case: Case, choice: str) -> None:
    """On which kind of text the findings rest; each number leads to its findings."""
    rows = material.by_authority(case)
    if not rows:
        return
    st.subheader(say("material.rests_on"), anchor=False)
    groups = CHOICES[choice]
    leads = [
        Lead(
            (
                Cell(
                    plain("material.kind", authority=text.words().word("authority", row["authority"]),
                          weight=plain(f"material.weight_{row['authority']}")),
                    " · ".join(row[f"instruments_{text.lang()}"]),
                ),
                *(
                    Cell(f"{row[group]:,}", href=url.link("findings", **_only(group, row["authority"])))
                    for group in groups
                ),
            )
        )
        for row in rows
    ]  # fmt: skip
    titles = [plain(f"material.column_{name}") for name in ("authority", *groups)]
    table("authorities", titles, leads, plain("material.rests_on"))


def _only(group: str, authority: str) -> dict[str, list[str]]:
    return {**FILTERS[group], "authority": [authority]}


def where(case: Case) -> Channel:
    """Where to hand it in: what that place is for, and what it asks for."""
    st.subheader(say("material.where"), anchor=False)
    known = {channel.name: channel for channel in CHANNELS[case.options["jurisdiction"]]}
    key = chosen("channel", list(known), next(iter(known)))
    labels = {name: say(f"material.channel_{name}") for name in known}
    st.selectbox(
        say("material.where"), list(known), key=key, on_change=url.follow, args=("channel",),
        label_visibility="collapsed", format_func=labels.__getitem__,
    )  # fmt: skip
    channel = known[str(st.session_state[key])]
    st.text(plain(f"material.for_{channel.name}"))
    st.text(plain(f"material.asks_{channel.name}"))
    st.text(plain("material.was_read" if channel.read else "material.was_reported"))
    return channel


def respondents(case: Case, choice: str) -> None:
    """Whom the records name, to choose from; nobody is filled in by itself."""
    rows = material.respondents(case, choice)
    if not rows:
        return
    st.text(plain("material.named"))
    leads = [
        Lead((Cell(" / ".join(part for part in (row["lender"], row["agency"]) if part) or plain("app.unknown")),
              Cell(text.words()("summary.comma").join(row["numbers"] or [])), Cell(f"{row['findings']:,}")))
        for row in rows
    ]  # fmt: skip
    titles = [plain(f"material.column_{name}") for name in ("respondent", "numbers", "findings")]
    table("respondents", titles, leads, plain("material.about"))


def about(case: Case, choice: str) -> dict[str, str]:
    """What only the person can say; it is kept in the case when they say so."""
    told = material.about(case)
    st.subheader(say("material.about"), anchor=False)
    st.text(plain("material.about_text"))
    respondents(case, choice)
    with st.form("about", border=True):
        said = {}
        for name in ABOUT:
            box = st.text_area if name == "request" else st.text_input
            said[name] = box(
                say(f"material.about_{name}"), value=told[name], key=f"about-{name}", max_chars=LONGEST.get(name, 200),
                placeholder=say(f"material.example_{name}"),
            )  # fmt: skip
        if st.form_submit_button(say("material.keep")):
            keep(case, {name: str(words or "") for name, words in said.items()})
    return told


def keep(case: Case, said: Mapping[str, str]) -> None:
    """Write it into the case."""
    try:
        material.keep_about(case, said)
    except CollectAuditError as error:
        shown.problem(error)
    else:
        st.rerun()


def lacking(channel: Channel, told: Mapping[str, str], facts: int) -> None:
    """What the place asks for, and whether it is there."""
    points = material.open_points(channel, told, facts=facts)
    st.subheader(say("material.checklist"), anchor=False)
    leads = [
        Lead((Cell(plain(f"material.need_{need}")),
              Cell(plain("material.there" if there else f"material.missing_{need}"), "",
                   "confirmed" if there else "unreviewed")))
        for need, there in points.items()
    ]  # fmt: skip
    titles = [plain(f"material.column_{name}") for name in ("need", "state")]
    table("checklist", titles, leads, plain("material.checklist"))


def files(case: Case, choice: str, channel: Channel, told: Mapping[str, str]) -> None:
    """Make a file, then take it along."""
    st.subheader(say("material.files"), anchor=False)
    st.text(plain("material.files_text"))
    with st.container(horizontal=True):
        for form in FORMS:
            if st.button(
                say(f"material.form_{form}"), key=f"form-{form}", type="primary" if form == FORMS[0] else "secondary"
            ):
                make(case, form, choice, channel, told)
    ready = st.session_state.get("made")
    if ready and ready["of"] == _made_of(case, choice, channel, told):
        ending, kind = TYPES[ready["form"]]
        name = f"{plain('material.file_name')}.{ending}"
        st.download_button(
            say("material.download", name=name), ready["bytes"], file_name=name, mime=kind, key="download",
            on_click="ignore",
        )  # fmt: skip
        size = plain("material.kilobytes", kb=f"{max(len(ready['bytes']) / 1000, 1):,.0f}")
        about_it = plain(f"material.form_{ready['form']}_text")
        st.text(f"{about_it} {size}")


def _made_of(case: Case, choice: str, channel: Channel, told: Mapping[str, str]) -> tuple[object, ...]:
    """What a file was made from: if any of it changes, the file is not offered any more."""
    run = case.run()
    return str(case.path), run and run.name, tuple(material.groups(case).items()), choice, channel, tuple(told.items())


def make(case: Case, form: str, choice: str, channel: Channel, told: Mapping[str, str]) -> None:
    """Make it, and keep it for the download."""
    try:
        with st.spinner(say("material.making")):
            found = made(case, form, choice, channel, told)
    except CollectAuditError as error:
        shown.problem(error)
        return
    st.session_state["made"] = {"of": _made_of(case, choice, channel, told), "form": form, "bytes": found}


def show() -> None:
    """The page."""
    case = frame.case()
    steps.top("material")
    counts = material.groups(case)
    st.text(plain("material.intro"))
    choice = choice_of(counts)
    counted(counts, choice)
    by_authority(case, choice)
    channel = where(case)
    told = about(case, choice)
    lacking(channel, told, sum(counts[group] for group in CHOICES[choice]))
    files(case, choice, channel, told)
    with st.container(border=True):
        st.subheader(say("material.three"), anchor=False)
        for n in (1, 2, 3):
            st.text(plain(f"material.step_{n}"))
    steps.bottom("material")


show()
