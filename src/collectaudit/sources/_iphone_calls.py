"""Calls of an iPhone since iOS 8 (`CallHistory.storedata`, `CallHistoryTemp.storedata`), those of apps as well."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import floor

from ..records import Record, Reject
from ._apple import epoch_ms
from ._sqlite import Database, Fields, Row, directed, number, text, whole

NAME, KIND = "iphone_calls", "events"

_COLUMNS = (
    "ZDATE", "ZDURATION", "ZADDRESS", "ZNAME", "ZORIGINATED", "ZANSWERED", "ZCALLTYPE", "ZSERVICE_PROVIDER",
    "ZLOCATION", "ZDISCONNECTED_CAUSE",
)  # fmt: skip
_TELEPHONE, _FACETIME_VIDEO, _FACETIME_AUDIO = 1, 8, 16  # ZCALLTYPE; 0: through another app
_NETWORK = "com.apple.Telephony"
_NUMBER = re.compile(r"[+\d][\d\s().*#-]{1,30}", re.ASCII)


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return database.has("ZCALLRECORD", "ZDATE", "ZORIGINATED")


def read(database: Database) -> Iterator[Record | Reject]:
    """Every call."""
    calls = _Calls(database)
    yield from database.records("ZCALLRECORD", _COLUMNS, calls.fields)
    if calls.through:
        said = ", ".join(f"{name} ({count})" for name, count in sorted(calls.through.items()))
        database.facts.notes.append(f"calls that were made through an app, not the telephone network: {said}")


class _Calls:
    """Counts the calls of each app; knows who took part where the call itself names nobody."""

    def __init__(self, database: Database) -> None:
        self.through: Counter[str] = Counter()
        self._parties = _parties(database)

    def fields(self, rowid: int, row: Row) -> Sequence[Fields]:
        """One call."""
        kind, provider = whole(row["ZCALLTYPE"]), text(row["ZSERVICE_PROVIDER"])
        app = _app(kind, provider) if row["ZCALLTYPE"] is not None or provider else None
        if app:
            self.through[app[:60]] += 1
        duration = number(row["ZDURATION"])
        outgoing = directed(row["ZORIGINATED"]) == 1
        return [
            {
                "channel": "call",
                "direction": "out" if outgoing else "in",
                "other": self._other(rowid, row, app),
                "epoch_ms": epoch_ms(row["ZDATE"]),
                "duration": None if duration is None else str(floor(duration)),
                "outcome": _outcome(row, duration, outgoing=outgoing),
                "name": text(row["ZNAME"]),
            }
        ]

    def _other(self, rowid: int, row: Row, app: str | None) -> str | None:
        """A number or address; what another app calls somebody is a name, and stays one."""
        address = text(row["ZADDRESS"]) or self._parties.get(rowid)
        if address and app and not (_NUMBER.fullmatch(address) or "@" in address):
            return f"name:{text(row['ZNAME']) or address}"
        return address


def _app(kind: int, provider: str | None) -> str | None:
    if kind in (_FACETIME_VIDEO, _FACETIME_AUDIO):
        return "FaceTime"
    if kind == _TELEPHONE or provider == _NETWORK:
        return None
    return provider.removeprefix("com.apple.") if provider else "-"


def _outcome(row: Row, duration: float | None, *, outgoing: bool) -> str | None:
    """Whether somebody answered; of an outgoing call only its length tells."""
    if duration or (row["ZANSWERED"] == 1 and not outgoing):
        return "connected"
    if duration is None and (outgoing or row["ZANSWERED"] is None):
        return None
    return "unanswered"


def _parties(database: Database) -> dict[int, str]:
    """Call → the one other party, where a table of Core Data joins calls with those who took part (since iOS 13)."""
    join = next((table for table in database.tables if re.fullmatch(r"z_\d+remoteparticipanthandles", table)), None)
    if join is None:
        return {}
    ends = sorted(database.tables[join].keys() - {"rowid"}, key=lambda column: "remoteparticipantcalls" not in column)
    names = {key: text(value) for key, value in database.every("ZHANDLE", "rowid", "ZVALUE")}
    met: dict[int, set[str]] = {}
    for call, handle in database.every(join, *ends[:2]):
        if isinstance(call, int) and (name := names.get(handle)):
            met.setdefault(call, set()).add(name)
    return {call: min(found) for call, found in met.items() if len(found) == 1}
