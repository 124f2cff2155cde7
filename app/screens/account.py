"""Accounts: the list of them; of one, its contacts over time, its people, facts, findings and gaps."""

import streamlit as st

from collectaudit import accounts
from collectaudit.accounts import ORDERS, ROWS, Row
from collectaudit.case import Case
from ui import dossier, filters, frame, leads, text, url
from ui.leads import Lead
from ui.shown import Cell
from ui.text import plain, say

_JUDGED = ("open", "confirmed", "dismissed", "unsure")


def line(row: Row) -> Lead:
    """An account as a row of the list."""
    name = row["account"]
    judged = " · ".join(plain(f"account.n_{key}", n=row[key]) for key in _JUDGED if row[key])
    return Lead(
        (
            Cell(dossier.named(name)),
            Cell(f"{row['contacts']:,}", plain("account.n_theirs", n=row["theirs"]), href=dossier.contacts(name)),
            Cell(f"{row['findings']:,}", judged, href=url.link("findings", account=name) if row["findings"] else ""),
            Cell(text.day(row["last_day"]), plain("account.first", day=text.day(row["first_day"]))),
        ),
        "account",
        {"account": name},
    )


def every(case: Case) -> None:
    """The list, fifty at a time."""
    st.title(say("account.title"), anchor=False)
    filters.search(ORDERS, "account.search")
    search, order = url.asked("search"), url.asked("order")
    total = accounts.count(case, search)
    st.text(plain("account.counted", n=total))
    if not total:
        return
    number = filters.page(total, ROWS)
    columns = [plain(f"account.column_{name}") for name in ("account", "contacts", "findings", "last")]
    rows = accounts.page(case, search, order, number)
    leads.table("accounts", columns, [line(row) for row in rows], plain("account.title"))
    filters.pages(total, ROWS, number)


def show() -> None:
    """The page: one account if the address names one, or the list."""
    case = frame.case()
    name = url.asked("account")
    about = accounts.account(case, name) if name else None
    if about is not None:
        dossier.one(case, about)
        return
    if name:
        st.text(plain("account.unknown"))
    every(case)


show()
