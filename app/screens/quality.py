"""Review and quality: blind samples, agreement, precision of each rule, appeals, the log."""

import streamlit as st

from collectaudit import quality
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.quality import ROWS, Row
from ui import blind, filters, frame, leads, opinions, shown, text, url
from ui.leads import Lead
from ui.shown import Cell
from ui.text import plain, say

PARTS = ("sample", "agreement", "precision", "appeals", "log")
_JUDGED = {"confirmed": "confirmed", "dismissed": "dismissed", "unsure": "unsure", "open": "none"}


def precision(case: Case) -> None:
    """Of each rule: how many of the findings that somebody decided on were right, and how sure that is."""
    st.text(plain("quality.precision_text"))
    rows = quality.precision(case, text.lang())
    if not rows:
        st.text(plain("findings.nothing"))
        return
    columns = [plain(f"quality.column_{key}") for key in ("rule", "share", "n", *_JUDGED)]
    leads.table("precision", columns, [_rule(row) for row in rows], plain("quality.part_precision"))


def _rule(row: Row) -> Lead:
    said = percent(row["share"]) if row["share"] is not None else plain("quality.undecided")
    below = plain("quality.interval", low=percent(row["interval"][0]), high=percent(row["interval"][1])) if row[
        "interval"
    ] else ""  # fmt: skip
    query = {"rule": row["rule_id"]}
    judged = [
        Cell(f"{row[key]:,}", href=url.link("findings", **query, verdict=verdict) if row[key] else "")
        for key, verdict in _JUDGED.items()
    ]
    return Lead((Cell(row["title"]), Cell(said, below), Cell(f"{row['n']:,}"), *judged), "findings", query)


def percent(part: float) -> str:
    """A share in per cent."""
    return f"{100 * part:.0f}%"


def appeals(case: Case) -> None:
    """What the collecting side objects, what was answered, and what is still to be decided."""
    st.text(plain("quality.appeals_text"))
    rows = quality.appeals(case, text.lang())
    if not rows:
        st.text(plain("quality.no_appeals"))
        return
    st.text(plain("quality.appeals_counted", n=len(rows), open=sum(row["decided"] is None for row in rows)))
    columns = [plain(f"quality.column_{key}") for key in ("appeal", "objection", "answer")]
    leads.table("appeals", columns, [_appeal(row) for row in rows], plain("quality.part_appeals"))


def _appeal(row: Row) -> Lead:
    word = text.words().word
    told = " · ".join([row["by"] or plain("words.somebody"), opinions.when(row["at"])])
    if row["decided"] is None:
        answer = Cell(plain("quality.waiting"), mark="unreviewed")
    else:
        by = " · ".join([row["decided_by"] or plain("words.somebody"), opinions.when(row["decided_at"])])
        answer = Cell(word("verdict", row["decided"]), "\n".join(part for part in (row["answer"], by) if part))
    return Lead(
        (Cell(row["title"], text.moment(row["occurred_at"], row["precision"])), Cell(row["note"] or "", told), answer),
        "event", {"finding": row["finding_id"], "kind": "final"},
    )  # fmt: skip


def log(case: Case) -> None:
    """The log, the newest record first, and the hash that stands for all of it."""
    st.text(plain("quality.log_text"))
    asked = url.asked("page")
    try:
        found = quality.log_page(case, int(asked) if asked.isdecimal() else 1)
        kept = quality.history_kept(case)
    except CollectAuditError as error:  # the chain does not hold
        shown.problem(error)
        return
    st.text(plain("quality.log_head", n=found["n"]))
    shown.code("head", found["head"])
    if found["fault"]:
        shown.text(text.words().sentence(found["fault"]))
    if kept is not None:
        st.text(plain("quality.history_kept" if kept else "quality.history_changed"))
    columns = [plain(f"quality.column_{key}") for key in ("seq", "when", "actor", "what", "hash")]
    leads.table("log", columns, [_record(row) for row in found["rows"]], plain("quality.part_log"))
    filters.pages(found["n"], ROWS, filters.page(found["n"], ROWS))


def _record(row: Row) -> Lead:
    key = f"log.{row['event'].replace('.', '_')}"
    event = plain(key) if key in text.words() else row["event"]
    facts = " · ".join(f"{_fact(name)} {_short(value)}" for name, value in row["facts"].items())
    at = opinions.when(row["at"][:19])
    return Lead((Cell(f"{row['seq']:,}"), Cell(at, row["tool"]), Cell(row["who"], row["command"]), Cell(event, facts),
                 Cell(row["hash"][:16])))  # fmt: skip


def _fact(name: str) -> str:
    key = f"log.fact_{name}"
    return plain(key) if key in text.words() else f"{name}:"


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:16] + "…"


def show() -> None:
    """The page: one of its parts, as the address says."""
    case = frame.case()
    st.title(say("quality.title"), anchor=False)
    part = st.segmented_control(
        say("quality.part"), PARTS, key=leads.chosen("part", PARTS, PARTS[0]), required=True, on_change=url.follow,
        args=("part",), label_visibility="collapsed", format_func=lambda name: say(f"quality.part_{name}"),
    )  # fmt: skip
    parts = {"agreement": blind.agreement, "precision": precision, "appeals": appeals, "log": log}
    parts.get(str(part), blind.sample)(case)


show()
