"""Lists on a terminal: findings, people, files, checks, rules, regimes, parts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .drawers import ORIGIN, UNKNOWN
from .render import Page
from .render_words import listened

Row = Mapping[str, Any]
_CUSTODY = ("kept_at", *ORIGIN, "note")
_PHONE = ("device", "system", "phone", "made_at")  # what a backup says of the phone it was made of
_TO_THE_MINUTE = len("2025-06-01 22:10")
_FILE = (
    "status", "reason", "members", "parser", "kind", "encoding", "records", "events", "rejects", "first_at", "last_at"
)  # fmt: skip


def findings(page: Page, case: str, rows: Sequence[Row], *, more: bool) -> None:
    """The list of findings, and how to see one of them whole; `more`: the list was cut."""
    if not rows:
        page.say("list.no_findings")
        page.say("summary.silence")
        return
    for row in rows:
        page.data(_headline(page, row), style="bold")
        page.data(row["message"], indent=4)
    if more:
        page.gap()
        page.say("list.more_findings", n=len(rows))
    page.gap()
    page.say("list.see_one")
    page.command("show", case, str(rows[0]["finding_id"]))


def _headline(page: Page, row: Row) -> str:
    """Id, time, how grave, on what kind of text; a finding to be looked at first says so instead of how grave."""
    words = page.words
    grade = words.word("severity", row["severity"]) if row["tier"] == "finding" else words.word("tier", "review")
    when = str(row["occurred_at"])[:_TO_THE_MINUTE]
    parts = [row["finding_id"], when, grade, words.word("authority", row["authority"])]
    if speech := row["speech"]:
        parts.append(listened(words, speech["heard"] == speech["passages"], speech["heard_by"]))
    return "  ".join(parts)


def people(page: Page, case: str, rows: Sequence[Row]) -> None:
    """Every number of the case and who it is."""
    if not rows:
        page.say("list.no_people")
        page.command("people", case, "--suggest")
        return
    columns = ("number", "account", "role", "name", "organisation", "basis", "contacts")
    page.table(columns, (_worded(page, row, columns) for row in rows), whole=("number",))
    page.say("list.set_role")
    page.command("people", case, "NUMBER", "ROLE")


def suggestions(page: Page, case: str, rows: Sequence[Row]) -> None:
    """Numbers nobody has named, with a suggestion and its reasons."""
    if not rows:
        page.say("list.no_suggestions")
        return
    for row in rows:
        role = page.words.word("role", row["suggested_role"])
        key = "suggestion" if row["suggested_role"] else "stranger"
        page.say(f"list.{key}", style="bold", number=row["number"], contacts=row["contacts"], role=role)
        for reason in row["reasons"]:
            page.say(f"reason.{reason['key']}", indent=4, **reason["args"])
    page.gap()
    page.say("list.suggestion_is_none")
    page.command("people", case, str(rows[0]["number"]), str(rows[0]["suggested_role"] or "ROLE"))


def rejects(page: Page, rows: Sequence[Row]) -> None:
    """Records that could not be read."""
    if not rows:
        page.say("list.no_rejects")
        return
    columns = ("source", "locator", "reason", "raw")
    page.table(columns, (_worded(page, row, columns) for row in rows))


def checks(page: Page, rows: Sequence[Row], ok: bool) -> None:
    """What `verify` looked at: a line for each folder that is as recorded, and one for everything else."""
    plain = [row for row in rows if row["result"] == "ok" and not row["detail"]]
    for place, number in Counter(row["check"].split("/")[0] for row in plain).items():
        page.data(f"{page.words.value('result', 'ok')}  {place}" + (f" ({number})" if number > 1 else ""))
    for row in (row for row in rows if row not in plain):
        result = page.words.value("result", row["result"])
        page.data(f"{result}  {row['check']}", style="bold" if row["result"] == "bad" else "")
        if row["detail"]:
            page.data(row["detail"], indent=4)
    page.gap()
    page.say("list.verified" if ok else "list.not_verified", style="bold")


def custody(page: Page, case: str, rows: Sequence[Row]) -> None:
    """Where each original comes from, as far as anybody said; and how to say it."""
    for row in rows:
        page.data(row["name"], style="bold")
        page.data(f"SHA-256 {row['sha256']}", indent=2, style="dim")
        for name in _CUSTODY:
            if row[name]:
                said = (
                    row[name] if name != "own_call" and row[name] != UNKNOWN else page.words.word("own_call", row[name])
                )
                page.pair(name, said, indent=2)
        for one in row["containers"]:
            about = [one[name] for name in _PHONE if name in one]
            page.pair(
                "container",
                " · ".join([page.words("list.container", name=one["name"], sha256=one["sha256"]), *about]),
                indent=2,
            )
    open_ = [row for row in rows if UNKNOWN in (row[name] for name in ORIGIN)]
    page.gap()
    page.say("list.custody_open" if open_ else "list.custody_whole", n=len(open_))
    if open_:
        page.command("custody", case, str(open_[0]["name"]), "--taken-by", "…", "--taken-at", "…")


def inspected(page: Page, found: Row) -> None:
    """What one file is."""
    page.data(found["name"], style="bold")
    read_as = " · ".join(filter(None, (found["parser"], found["title"]))) or None
    pairs(page, {**found, "parser": read_as}, [column for column in _FILE if found.get(column) is not None])
    for note in found["notes"]:
        page.say("list.note", indent=2, note=note)
    for reject in found["reject_samples"]:
        page.say("list.reject", indent=2, locator=reject["locator"], reason=reject["reason"])
    if found["proposed_map"]:
        page.gap()
        page.say("list.proposed_map")
        page.block(found["proposed_map"])
    page.gap()


def pairs(page: Page, row: Row, names: Sequence[str]) -> None:
    """Some columns of one row, one a line."""
    for name in names:
        page.pair(name, row[name], indent=2)


def listing(page: Page, rows: Iterable[Row], columns: Sequence[str]) -> None:
    """A plain table; the first column is never broken."""
    page.table(columns, (_worded(page, row, columns) for row in rows), whole=columns[:1])


def _worded(page: Page, row: Row, columns: Sequence[str]) -> list[object]:
    return [page.words.value(column, row[column]) for column in columns]
