"""Cases made of a table of contacts (see situations), judged by the invented law, for tests of what pages ask."""

from collections.abc import Sequence
from pathlib import Path

from situations import SOURCES, Outcome, fact, heard, judged, prepared, records, table, write

from collectaudit.case import Case

TOLD = {"source_id": "told", "name": "told.csv", "kind": "told", "parser": "told"}


def stated_run(run: Path, contacts: str, facts: str = "fact") -> Path:
    """A run that is ready to be judged; a contact whose column `log` says `told` is only stated by a person."""
    given = table(contacts)
    events = records(given)
    for row, event in zip(given, [one for one in events if not one["same_as"]], strict=True):
        if row.get("log") == "told":
            event["source_id"] = "told"
    said = heard(given)
    for line in said.get("utterances", []):
        line["source_id"] = next(event["source_id"] for event in events if event["event_id"] == line["event_id"])
    prepared(run, events, [fact(row) for row in table(facts)], said=said)
    write(run, sources=[*SOURCES, TOLD])
    return run


def stated_case(root: Path, contacts: str, facts: str = "fact", rules: Sequence[str] = ()) -> Case:
    """The same as a case, judged."""
    case = Case.create(root / "case")
    with case.session("test"):
        staged = case.staging()
        judged(stated_run(staged, contacts, facts), rules)
        case.publish(staged, "r1", {})
    return case


def stated_outcome(root: Path, contacts: str, rules: Sequence[str] = ()) -> Outcome:
    """What judging finds."""
    return judged(stated_run(root / "run", contacts), rules)
