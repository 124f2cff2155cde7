"""What is handed in: which findings, where to, the pack and the single files; made in the background, then taken."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from collectaudit import dates, holdings, material
from collectaudit.case import Case
from collectaudit.material import CHOICES, FILTERS, FORMS, SHOWN
from collectaudit.report.channels import Channel
from collectaudit.report.dossier import AUTHORITIES
from collectaudit.report.pack import Order
from ui import busy, copies, shown, text, url
from ui.leads import Lead, chosen, table
from ui.shown import Cell
from ui.text import plain, say

PACK, REPORT = "pack", "report"


def choice_of(counts: Mapping[str, int]) -> str:
    """What goes in: what somebody confirmed, or also what is suspected and what is to be looked at."""
    key = chosen("choice", list(CHOICES), "confirmed" if counts["confirmed"] else "all")
    labels = {
        "confirmed": say("material.choice_confirmed", n=counts["confirmed"]),
        "all": say("material.choice_all", n=counts["confirmed"], m=counts["suspected"], k=counts["review"]),
    }
    st.radio(
        say("material.what"), list(CHOICES), key=key, on_change=url.follow, args=("choice",),
        label_visibility="collapsed", format_func=labels.__getitem__,
    )  # fmt: skip
    return str(st.session_state[key])


def counted(counts: Mapping[str, int], choice: str, account: str | None) -> None:
    """Each state by itself, with the way to its findings, and whether it goes in."""
    leads = [
        Lead(
            (
                Cell(plain(f"material.group_{state}"), plain(f"material.group_{state}_text")),
                Cell(f"{counts[state]:,}"),
                Cell(plain("material.goes_in" if state in CHOICES[choice] else "material.stays_out")),
            ),
            "findings", only(state, account),
        )
        for state in SHOWN if counts[state] or state in CHOICES["all"]
    ]  # fmt: skip
    titles = [plain(f"material.column_{name}") for name in ("group", "count", "in")]
    table("groups", titles, leads, plain("material.what"))
    if not sum(counts[state] for state in CHOICES[choice]):
        st.text(plain("material.nothing"))


def only(state: str, account: str | None, **more: Sequence[str]) -> dict[str, Sequence[str]]:
    """The filter of the findings of a state, of one account or of all."""
    return {**FILTERS[state], **({"account": [account]} if account else {}), **more}


def by_authority(counts: Mapping[str, Any], choice: str, account: str | None) -> None:
    """On which kind of text the findings rest; each number leads to its findings."""
    rows = [(name, counts["by_authority"][name]) for name in AUTHORITIES if name in counts["by_authority"]]
    if not rows:
        return
    st.subheader(say("material.rests_on"), anchor=False)
    states = CHOICES[choice]
    leads = [Lead((_kind(name), *(_number(of, state, name, account) for state in states))) for name, of in rows]
    titles = [plain("material.column_authority"), *(plain(f"material.group_{state}") for state in states)]
    table("authorities", titles, leads, plain("material.rests_on"))


def _kind(authority: str) -> Cell:
    return Cell(text.words().word("authority", authority), plain(f"material.weight_{authority}"))


def _number(of: Mapping[str, int], state: str, authority: str, account: str | None) -> Cell:
    return Cell(f"{of[state]:,}", href=url.link("findings", **only(state, account, authority=[authority])))


def where(case: Case) -> Channel:
    """Where to hand it in: what that place is for, and how well it is known what it asks."""
    st.subheader(say("material.where"), anchor=False)
    known = {channel.id: channel for channel in material.places(case)}
    key = chosen("channel", list(known), next(iter(known)))
    labels = {name: text.visible(channel.text("", text.lang())) for name, channel in known.items()}
    st.selectbox(
        say("material.where"), list(known), key=key, on_change=url.follow, args=("channel",),
        label_visibility="collapsed", format_func=labels.__getitem__,
    )  # fmt: skip
    channel = known[str(st.session_state[key])]
    for part in ("for", "note"):
        shown.text(channel.text(part, text.lang()))
    st.text(plain(f"material.basis_{channel.basis.lower()}"))
    return channel


def make(case: Case, channel: Channel, told: Mapping[str, str], choice: str, account: str | None) -> None:
    """The pack, single files, and what lies there already."""
    st.subheader(say("material.make"), anchor=False)
    st.text(plain("material.make_text"))
    if busy.busy(case):
        return
    if material.ready():
        _pack(case, channel, told, choice, account)
    else:
        st.text(plain("material.not_installed"))
        shown.code("install", "pip install 'collectaudit[report]'")
    _files(case, choice, account)
    there(case)


def _pack(case: Case, channel: Channel, told: Mapping[str, str], choice: str, account: str | None) -> None:
    redacted = st.checkbox(say("material.redacted"), key="redacted", help=say("material.redacted_text"))
    if st.button(say("material.make_pack"), key="make-pack", type="primary"):
        order = Order(
            channel, text.lang(), dates.today(), told, account, redacted=redacted, only_confirmed=choice == "confirmed"
        )
        busy.start(case, PACK, material.packing(order))


def _files(case: Case, choice: str, account: str | None) -> None:
    """Single files; without the extra `report` the one that needs nothing."""
    st.text(plain("material.files_text"))
    with st.container(horizontal=True, gap="small"):
        for form in FORMS if material.ready() else ("csv",):
            if st.button(say(f"material.form_{form}"), key=f"form-{form}"):
                work = material.writing(form, text.lang(), dates.today(), account=account, choice=choice)
                busy.start(case, REPORT, work)


def there(case: Case) -> None:
    """What was made before: packs with the hash that stands for each, then single files."""
    packs = material.packs(case)
    inside = {name for pack in packs for name in (pack["zip"].name, f"{pack['zip'].name}.sha256")}
    files = [row for row in holdings.exported(case) if row["name"] not in inside]
    if not packs and not files:
        return
    st.subheader(say("data.there"), anchor=False)
    for pack in packs:
        _made(pack)
    for row in files:
        copies.file(row)


def _made(pack: Mapping[str, Any]) -> None:
    with st.container(border=True, gap="small"):
        shown.text(f"{pack['name']} · {text.size(pack['size_bytes'])}")
        if pack["size_bytes"] is not None and pack["size_bytes"] <= copies.LARGEST:
            st.download_button(say("material.take"), partial(holdings.opened, pack["zip"]), pack["zip"].name,
                               key=f"take-{pack['name']}", mime="application/zip", on_click="ignore")  # fmt: skip
        st.text(plain("material.lies"))
        shown.code(f"folder-{pack['name']}", pack["folder"])
        st.text(plain("material.stands_for"))
        shown.code(f"sha256-{pack['name']}", pack["sha256"])
