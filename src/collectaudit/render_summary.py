"""What an audit says at its end, to a reader under stress: counts, what stands out, what is unknown, what is next."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .render import Page
from .render_notices import notices

Row = Mapping[str, Any]
AUTHORITIES = ("law", "rule", "std", "self", "guide", "promise", "practice")
_NAMES = 5  # shown in one line or list; the rest is counted


def summary(page: Page, case: str, overview: Row, errors: Sequence[Row], head: str) -> None:
    """The whole page; `case` is the path as the user gave it, `head` the newest hash of the case's log."""
    page.say("summary.title", style="bold", case=case)
    page.gap()
    notices(page, overview["notices"])
    _counts(page, overview)
    _problems(page, errors)
    _findings(page, overview["by_rule"])
    _not_judged(page, case, overview, {error["input"] for error in errors})
    page.heading("summary.next")
    for command in next_commands(case, overview):
        page.command(*command)
    page.gap()
    page.say("summary.silence")
    page.say("summary.head", style="dim", head=head[:16])


def next_commands(case: str, overview: Row) -> list[tuple[str, ...]]:
    """What to do now, most useful first."""
    commands: list[tuple[str, ...]] = []
    if overview["by_rule"]:
        commands.append(("show", case))
    if overview["untranscribed"]:
        commands.append(("transcribe", case))
    if overview["unknown_numbers"]:
        commands.append(("people", case, "--suggest"))
    return commands or [("status", case)]


def _counts(page: Page, overview: Row) -> None:
    if overview["contacts"]:
        page.say("summary.contacts", **_some(overview, "contacts", "collector_contacts", "first_day", "last_day"))
    else:
        page.say("summary.no_contacts", sources=overview["sources"])
    counts = _some(overview, "sources", "records", "rejects")
    page.say("summary.records", read=counts["records"] - counts["rejects"], **counts)
    page.say(
        "summary.zone",
        zone=overview["time_zone"],
        jurisdiction=page.words.value("jurisdiction", overview["jurisdiction"]),
    )


def _some(overview: Row, *names: str) -> dict[str, Any]:
    return {name: overview[name] or 0 for name in names}


def _problems(page: Page, errors: Sequence[Row]) -> None:
    if errors:
        page.heading("summary.problems")
    for error in errors:
        page.say("summary.problem", indent=2, input=error["input"], reason=page.words.sentence(error["reason"]))


def _findings(page: Page, rules: Sequence[Row]) -> None:
    """One line a rule, kept apart by what it rests on: a broken promise is not a broken law."""
    page.heading("summary.findings" if rules else "summary.nothing")
    for authority in AUTHORITIES:
        lines = [rule for rule in rules if rule["authority"] == authority]
        if lines:
            page.say(f"authority.{authority}", indent=2, style="bold")
        for rule in lines:
            key = "both" if rule["findings"] and rule["review"] else "some" if rule["findings"] else "to_look_at"
            counts = {"findings": rule["findings"], "review": rule["review"]}
            page.say(f"summary.{key}", indent=4, title=_title(page, rule), **counts)


def _title(page: Page, rule: Row) -> str:
    return page.words.pick(rule, "title") or str(rule["rule_id"])


def _not_judged(page: Page, case: str, overview: Row, told: set[str]) -> None:
    points = list(_open_points(page, case, overview, told))
    if points:
        page.heading("summary.open")
    for key, args in points:
        page.say(f"summary.{key}", indent=2, **args)


def _open_points(page: Page, case: str, overview: Row, told: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that kept a contact from being judged; files in `told` have been named already."""
    if overview["unknown_numbers"]:
        yield "unknown", {"numbers": overview["unknown_numbers"]}
    for number in overview["assumed"]:
        yield "assumed", {"number": number, "case": case}
    strangers = [source["name"] for source in overview["owners"] if source["owner_basis"] == "unknown"]
    if strangers:
        yield "no_owner", {"n": len(strangers), "names": _listed(page, strangers), "first": strangers[0]}
    if overview["undated"]:
        yield "undated", {"n": len(overview["undated"]), "names": _listed(page, overview["undated"])}
    if overview["undirected"]:
        yield "undirected", {"n": overview["undirected"]}
    yield from _unheard(page, case, overview)
    if overview["rejects"]:
        yield "rejects", {"rejects": overview["rejects"], "case": case}
    for source in overview["unread"]:
        if source["status"] != "ok" and source["name"] not in told:
            status = page.words.word("status", source["status"])
            yield "partly", {"name": source["name"], "status": status, "reason": source["reason"] or ""}
    for reason, rules in _by_reason(page, overview["not_judged"]).items():
        yield "rules", {"reason": reason, "names": _listed(page, rules)}


def _unheard(page: Page, case: str, overview: Row) -> Iterator[tuple[str, dict[str, Any]]]:
    """What was said and nobody has written down, listened to, or can find again."""
    if overview["untranscribed"]:
        yield "untranscribed", {"n": overview["untranscribed"]}
    if overview["not_listened"]:
        yield "not_listened", {"n": overview["not_listened"], "case": case}
    if overview["lost"]:
        passages = [row["utterance_id"] for row in overview["lost"]]
        yield "lost", {"n": len(passages), "names": _listed(page, passages)}


def _by_reason(page: Page, rules: Sequence[Row]) -> dict[str, list[str]]:
    """Titles of the rules that did not run, by why."""
    found: dict[str, list[str]] = {}
    for rule in sorted(rules, key=lambda rule: (rule["status"], rule["reason"] or "")):
        found.setdefault(page.words.reason(rule["reason"]), []).append(_title(page, rule))
    return found


def _listed(page: Page, names: Sequence[str]) -> str:
    more = page.words("summary.more", n=len(names) - _NAMES) if len(names) > _NAMES else ""
    return page.words("summary.comma").join(names[:_NAMES]) + more
