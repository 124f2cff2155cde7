"""Provisions in words: what they are, the values they had from when to when, and what is known about them."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

import streamlit as st

from collectaudit.catalogue import Words
from collectaudit.lawtables import CHANNELS, ROLES, THIRD_PARTIES
from ui import chart, shown, text, url
from ui.text import plain, say

Row = Mapping[str, Any]
_ANYONE = sorted(set(ROLES) - {"collector"})
_CODED = {"channel": "channel", "to_role": "role", "unit": "unit", "waiver": "fact", "requires_fact": "fact",
          "fact": "fact", "conduct": "conduct", "statement": "statement", "allowed_if": "fact"}  # fmt: skip
_OWN_WORDS = ("per", "scope", "moment", "object")  # codes whose words are the pages' own


def named(provision: Row) -> str:
    """Instrument and article on a line."""
    return f"{provision['instrument']} {text.words().article(provision['article'])}".strip()


def period(provision: Row) -> str:
    """From when to when it is in force; the last day is said, the table has the day after."""
    since, until = provision["in_force_from"], provision["in_force_until"]
    if until.year == date.max.year:
        return plain("rules.since", day=text.day(since))
    return plain("rules.between", first=text.day(since), until=text.day(until))


def valued(rows: Sequence[Row], words: Words | None = None) -> str:
    """The values of a provision on one line: what may be how often, when, whom, how."""
    said = words or text.words()
    return said("rules.or").join(said("rules.comma").join(_parts(row, said)) for row in rows)


def _parts(row: Row, words: Words) -> list[str]:
    found = []
    if row.get("opens") is not None:
        end = "rules.value_hours_included" if row["closes_inclusive"] else "rules.value_hours"
        found.append(words(end, opens=_clock(row["opens"]), closes=_clock(row["closes"])))
    for name, value in row.items():
        if name not in ("opens", "closes", "closes_inclusive") and (told := _value(name, value, row, words)):
            found.append(words(f"rules.value_{name}", value=told))
    return found


def _clock(at: time) -> str:
    return at.strftime("%H:%M")


def _value(name: str, value: object, row: Row, words: Words) -> str:
    """A value in words; empty where it says nothing."""
    if isinstance(value, list):
        return _several(name, [part for part in value if part is not None], row, words)
    if value is None:
        return ""
    if name in _CODED:
        return words.word(_CODED[name], str(value))
    if name in _OWN_WORDS:
        return words(f"rules.{name}_{value}")
    return words("word.yes" if value else "word.no") if isinstance(value, bool) else f"{value}"


def _several(name: str, values: list[Any], row: Row, words: Words) -> str:
    everything = {"channel": sorted(CHANNELS), "to_role": _ANYONE, "weekday": [*range(1, 8)]}.get(name)
    if values == everything:
        return "" if name == "weekday" else words(f"rules.any_{name}")
    if name == "to_role" and values == sorted(THIRD_PARTIES):
        return words("rules.third_party")
    if name == "weekday":
        return words("rules.and").join(words(f"weekday.{day}") for day in values)
    if name == "allowed_if" and not values:
        return "" if row["max_contacts"] is not None or row["min_days_past_due"] is not None else words("rules.never")
    if name in _OWN_WORDS:
        return words("rules.and").join(words(f"rules.{name}_{value}") for value in values)
    return words("rules.and").join(words.word(_CODED[name], value) for value in values)


def card(provision: Row, rule_id: str) -> None:
    """A provision whole: whose text, how binding, since when, its values, how sure that is, and its findings."""
    word = text.words().word
    with st.container(border=True, gap="small"):
        st.subheader(text.label(named(provision)), anchor=False)
        force = {
            "authority": word("authority", provision["authority"]),
            "modality": word("modality", provision["modality"]),
        }
        st.text(plain("rules.force", period=period(provision), **force))
        if provision["values"]:
            shown.text(valued(provision["values"]))
        shown.text(provision["quote"] or plain("rules.paraphrase", text=provision["text"] or ""))
        known = plain(
            "event.read", confidence=word("confidence", provision["confidence"]), day=text.day(provision["reviewed"])
        )
        st.text(known + _not_asked(provision))
        if provision["caveat"]:
            st.text(plain("event.caveat", what=provision["caveat"]))
        _found(provision, rule_id)
        name = provision["provision_id"]
        with st.expander(say("event.address")):
            shown.code(f"address-{name}", provision["url"])
            shown.code(f"id-{name}", provision["provision_id"])


def unless(finding: Row) -> None:
    """What would make a finding not count."""
    with st.expander(say("event.unless")):
        shown.text("\n".join(f"· {line}" for line in [*(finding["words"] or {}).get("unless", []), finding["limits"]]))


def _not_asked(provision: Row) -> str:
    status = provision["status"]
    return "" if status == "in_force" else "\n" + plain("rules.not_asked", status=text.words().word("status", status))


def _found(provision: Row, rule_id: str) -> None:
    if provision["findings"]:
        query = {"provision": provision["provision_id"], **({"rule": rule_id} if rule_id else {})}
        label = say("rules.see", n=provision["findings"])
        st.page_link("screens/findings.py", label=label, query_params={**url.kept(), **query})
    else:
        st.text(plain("rules.none_found"))


def timeline(provisions: Sequence[Row], first: str | None, last: str | None) -> None:
    """Each provision as a bar from its first to its last day in force, beside the days of the contacts."""
    if not provisions or first is None or last is None:
        return
    end = max(date.fromisoformat(last), *(row["in_force_from"] for row in provisions))
    begin = min(date.fromisoformat(first), *(row["in_force_from"] for row in provisions))
    rows = [_bar(n, row, end) for n, row in enumerate(provisions, 1)]
    data: dict[str, chart.Rows] = {"bars": rows, "contacts": [{"from": first, "until": last}]}
    says = plain("rules.timeline", n=len(rows), first=text.day(first), last=text.day(last))
    chart.show("timeline", _drawn(len(rows), begin, end), says, data)


def _drawn(lines: int, begin: date, end: date) -> chart.Spec:
    scale = {"domain": [begin.isoformat(), end.isoformat()]}
    axis = {"format": "%Y-%m", "tickCount": 6, "labelOverlap": True}
    days = {"x": {"field": "from", "type": "temporal", "title": None, "scale": scale, "axis": axis},
            "x2": {"field": "until"}}  # fmt: skip
    name = {"field": "name", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 520}}
    band = {"type": "rect", "color": "#B4530A", "opacity": 0.22}
    bar = {"type": "bar", "color": chart.COLOURS["plain"], "opacity": 0.75, "height": 14}
    return {
        "height": 28 * lines + 30,
        "layer": [
            {"data": {"name": "contacts"}, "mark": band, "encoding": days},
            {"data": {"name": "bars"}, "mark": bar, "encoding": {**days, "y": name}},
        ],
    }


def _bar(n: int, row: Row, end: date) -> dict[str, str]:
    first, last = row["in_force_from"], min(row["in_force_until"], end)
    return {"from": first.isoformat(), "until": last.isoformat(), "name": f"{n}. {text.visible(named(row))}"}
