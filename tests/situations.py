"""Small situations written as tables, judged for real: contacts, declared facts and law in, findings out.

A table has a line of column names and a line per row. `-` stands for the usual value, `?` for one that is not known.
Usual is: a collector calls the debtor at ten, connected, for a minute. A table with a column `wording` also says what
was said: see `heard`; with a column `kept`, what there is of the call beside its log: see `records`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tablefiles import Row as Row
from tablefiles import rows as rows
from tablefiles import write as write

from collectaudit.findings import judge
from collectaudit.regimes import Regime, load_regimes, write_law
from collectaudit.rules import Rule, load_rules

DATA = Path(__file__).parent / "data" / "rules"
# What was looked for; nobody looks for the statement "purpose".
CATEGORIES = (
    "threat.violence", "threat.family", "threat.visit", "third_party.contact_threat", "third_party.disclosure",
    "third_party.demand", "shame.public", "impersonate.authority", "legal.false_threat", "legal.false_consequence",
    "abuse.insult", "abuse.obscene", "abuse.curse", "pressure.induce_borrowing", "pressure.call_bombing",
    "pressure.ultimatum", "reviewer.look", "states.institution", "states.opt_out", "states.from_collector",
    "states.amount", "states.due_date", "safety.self_harm",
)  # fmt: skip


# The files that events are from: the log of a dialler and one of the phone called; recordings by a switch, by the
# phone called and by a phone that nobody knows; a transcript.
SOURCES = [
    {"source_id": source_id, "kind": kind, "parser": parser, "owner_number": owner}
    for source_id, kind, parser, owner in (
        ("s1", "events", "table", None), ("s-phone", "events", "smsbackup", "debtor"),
        ("s-tape", "recordings", "recording", None), ("s-own-tape", "recordings", "recording", "debtor"),
        ("s-loose-tape", "recordings", "recording", "phone:tapes"), ("s-note", "recordings", "sidecar", None),
        ("s-script", "transcripts", "transcript", None),
    )
]  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a run holds after judging; each list in the order of its file."""

    run: Path
    findings: list[Row]
    evidence: dict[str, list[str]]
    rules: dict[str, Row]

    def fired(self) -> dict[str, list[str]]:
        """Contact → keys of the provisions of its findings; `?` marks those for review."""
        found: dict[str, list[str]] = {}
        for row in self.findings:
            key = row["provision_id"].split("/")[1].split("@")[0]
            found.setdefault(row["event_id"], []).append(key + "?" * (row["tier"] == "review"))
        return {event: sorted(keys) for event, keys in found.items()}

    def regimes(self) -> list[tuple[str, str]]:
        """(regime, tier) of each finding, sorted."""
        return sorted((row["regime"], row["tier"]) for row in self.findings)


def table(text: str) -> list[dict[str, str]]:
    """The rows of a table written with spaces between its columns."""
    lines = [line.split() for line in text.strip().splitlines() if line.strip()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def sections(name: str) -> dict[str, list[dict[str, str]]]:
    """The tables of a situation file by their titles."""
    parts = (DATA / "situations" / f"{name}.txt").read_text(encoding="utf-8").split("\n\n")
    return {title: table(body) for title, body in (part.split("\n", 1) for part in parts)}


@cache
def shipped() -> dict[str, Rule]:
    """The built-in rules by id."""
    return {rule.id: rule for rule in load_rules()}


@cache
def invented_law() -> tuple[Regime, ...]:
    """The invented instrument of tests/data/rules/law."""
    return tuple(load_regimes([DATA / "law"]))


@cache
def real_law() -> tuple[Regime, ...]:
    """The built-in regimes."""
    return tuple(load_regimes())


_WRITTEN: dict[tuple[int, ...], tuple[tuple[Regime, ...], dict[str, bytes]]] = {}


def law_tables(law: tuple[Regime, ...]) -> dict[str, bytes]:
    """The files of its law tables: the same for every run. They are kept with their law, whose identity is the key."""
    key = tuple(map(id, law))
    if key not in _WRITTEN:
        with TemporaryDirectory() as folder:
            write_law(law, Path(folder))
            _WRITTEN[key] = law, {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    return _WRITTEN[key][1]


def event(number: int, row: Mapping[str, str]) -> Row:
    """A row of a table of contacts as a row of `events`; its id is e1, e2, … in the order of the table."""
    said = {key: None if value == "?" else value for key, value in row.items() if value != "-"}
    from_role, to_role = said.get("from", "collector"), said.get("to", "debtor")
    channel = said.get("channel", "call")
    outcome = said.get("outcome", "connected" if channel == "call" else "sent")
    clock = row.get("time", "10:00")
    return {
        "event_id": f"e{number}", "source_id": "s1", "locator": f"L{number}", "account_id": said.get("account"),
        "channel": channel, "from_role": from_role, "to_role": to_role,
        "from_number": said.get("caller", from_role or "unknown-1"),
        "to_number": said.get("number", to_role or "unknown-2"),
        "at_local": f"{said.get('date', '2025-06-02')} {'00:00' if clock == '-' else clock}",
        "precision": {1: "day", 5: "minute", 8: "second"}[len(clock)],
        "outcome": outcome, "connected": outcome == "connected" if outcome and channel == "call" else None,
        "duration_s": said.get("seconds", "60" if outcome == "connected" else None),
        "least_s": said.get("least"),
        "agency": said.get("agency"), "lender": said.get("lender"), "days_past_due": said.get("overdue"),
        "recording": None, "same_as": None,
    }  # fmt: skip


def records(contacts: Sequence[Mapping[str, str]]) -> list[Row]:
    """The events of a table of contacts, and what is kept of them beside the log.

    log: phone, if the log is that of the phone called. kept: the records beside it, joined by commas, as in `SOURCES`
    (tape, own-tape, loose-tape, note, script); named=x: the log names this recording; apart=x: a recording of that
    name whose call was not found.
    """
    rows = []
    for number, row in enumerate(contacts, 1):
        call = event(number, row)
        call["source_id"] = "s-phone" if row.get("log") == "phone" else "s1"
        rows.append(call)
        for place, kept in enumerate(filter(lambda kept: kept != "-", row.get("kept", "-").split(","))):
            kind, _, name = kept.partition("=")
            tape = {**call, "event_id": f"e{number}-{place}", "source_id": f"s-{kind}", "recording": f"{number}.wav"}
            if kind == "named":
                call["recording"] = name
            elif kind == "apart":
                rows.append({**tape, "source_id": "s-tape", "recording": name, "at_local": None, "account_id": None})
            else:
                rows.append({**tape, "same_as": call["event_id"]})
    return rows


def heard(contacts: Sequence[Mapping[str, str]]) -> dict[str, list[Row]]:
    """What is said in the rows of a table of contacts, for `prepared`.

    wording: category/conduct of each passage found, joined by commas; none: words without any; `-`: no words. Beside
    it, for all its passages: by (from, to), worth, path, to_whom, and doubt (of the words) and debt (spoken of): yes.
    Turns of a conversation are joined by semicolons: each ends with @ and its second, then with what is its own of by
    and doubt: none@1;none@70/to;none@90/doubt.
    """
    said = [
        turn for number, row in enumerate(contacts, 1) if row.get("wording", "-") != "-" for turn in turns(number, row)
    ]
    return words([line for line, _ in said], [one for _, found in said for one in found])


def turns(number: int, row: Mapping[str, str]) -> Iterator[tuple[Row, list[Row]]]:
    """Each utterance of the contact e<number>, with the passages found in it."""
    for place, turn in enumerate(row["wording"].split(";")):
        wording, _, about = turn.partition("@")
        second, *own = about.split("/")
        mine = {**row, "wording": wording}
        mine |= {"doubt": "yes"} if "doubt" in own else {"by": own[0]} if own else {}
        line, found = utterance(number, mine), signals(number, mine)
        if second:
            ids = {"utterance_id": f"e{number}#{place}"}
            line |= {**ids, "ordinal": place, "start_s": float(second), "end_s": int(second) + 2.5}
            found = [{**one, **ids, "signal_id": f"{one['signal_id']}.{place}"} for one in found]
        yield line, found


def words(utterances: Sequence[Row], found: Sequence[Row]) -> dict[str, list[Row]]:
    """Tables of words, with the patterns that were looked for; none where nothing was said."""
    patterns = [
        {"pattern": f"{category}.x", "category": category, "lexicon": lexicon(category)} for category in CATEGORIES
    ]
    return {"utterances": [*utterances], "signals": [*found], "patterns": patterns} if utterances else {}


def utterance(number: int, row: Mapping[str, str]) -> Row:
    """The words of the contact e<number>."""
    by = row.get("by", "-")
    return {
        "utterance_id": f"e{number}#0", "event_id": f"e{number}", "source_id": "s1", "ordinal": 0,
        "speaker": {"-": "from", "?": None}.get(by, by), "text": f"words {number}",
        "doubtful": row.get("doubt", "-") == "yes", "start_s": None, "end_s": None,
    }  # fmt: skip


def signals(number: int, row: Mapping[str, str]) -> list[Row]:
    """The passages found in the words of the contact e<number>: g<number>.0, g<number>.1, …"""
    given = {key: value for key, value in row.items() if value != "-"}
    passages = [] if row["wording"] == "none" else [passage.split("/") for passage in row["wording"].split(",")]
    return [
        {
            "signal_id": f"g{number}.{place}", "utterance_id": f"e{number}#0", "event_id": f"e{number}", "part": 1,
            "lexicon": lexicon(category), "pattern": f"{category}.x", "category": category, "conduct": conduct,
            "tier": given.get("worth", "finding"), "recipient": given.get("to_whom"),
            "speaker": "others" if category.startswith("safety.") else "collector",
            "in_context": given.get("debt") == "yes", "start_char": place, "end_char": place + 1,
            "matched": f"wording {number}.{place}", "path": given.get("path", "plain"), "asks": given.get("asks"),
        }
        for place, (category, conduct) in enumerate(passages)
    ]  # fmt: skip


def lexicon(category: str) -> str:
    """The lexicon of a category."""
    return "reviewer" if category.startswith("reviewer.") else category


def fact(row: Mapping[str, str]) -> Row:
    """A row of a table of facts as a row of `case_facts`."""
    given = {key: value for key, value in row.items() if value != "-"}
    opens, _, closes = given.get("window", "").partition("-")
    return {
        "account": given.get("account"), "party": given.get("party"), "fact": given["fact"],
        "from_at": given.get("from"), "until_at": given.get("until"), "value": given.get("value"),
        "opens": opens or None, "closes": closes or None,
    }  # fmt: skip


def prepared(
    run: Path,
    events: Sequence[Row],
    facts: Sequence[Row] = (),
    law: Sequence[Regime] = (),
    said: Mapping[str, Sequence[Row]] | None = None,
) -> Path:
    """A run folder that is ready to be judged, by the invented law if none is given; `said`: see `words`."""
    run.mkdir(parents=True, exist_ok=True)
    write(run, events=events, case_facts=facts, sources=SOURCES, **(said or {}))
    for name, content in law_tables(tuple(law or invented_law())).items():
        (run / name).write_bytes(content)
    return run


def situation(run: Path, contacts: str, facts: str = "fact", law: Sequence[Regime] = ()) -> Path:
    """The same from a table of contacts and one of facts."""
    given = table(contacts)
    return prepared(run, records(given), [fact(row) for row in table(facts)], law, heard(given))


def judged(
    run: Path, rules: Sequence[str | Rule] = (), *, explicit: Sequence[str] = (), threads: int | None = 1
) -> Outcome:
    """Judge a prepared run, by all shipped rules if none are named."""
    chosen = [shipped()[rule] if isinstance(rule, str) else rule for rule in rules] or list(shipped().values())
    judge(run, chosen, explicit=frozenset(explicit), threads=threads)
    return outcome(run)


def outcome(run: Path) -> Outcome:
    """What a judged run holds."""
    findings, kept, asked = (rows(run, name) for name in ("findings", "evidence", "rule_runs"))
    evidence: dict[str, list[str]] = {}
    for row in kept:
        evidence.setdefault(row["finding_id"], []).append(row["event_id"])
    found = [{**row, "facts": json.loads(row["facts"])} for row in findings]
    ran = {row["rule_id"]: {**row, "reason": json.loads(row["reason"] or "null")} for row in asked}
    return Outcome(run, found, evidence, ran)
