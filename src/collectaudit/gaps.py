"""SHOW: where the sound has gaps: calls without a recording, recordings without a call, recordings not transcribed."""

from typing import TYPE_CHECKING, Any

from .speech import SOUND

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 50
KINDS = ("without_recording", "without_call", "without_transcript")
_WITHOUT_SOUND = KINDS[:1]


def recording_gaps(case: "Case", limit: int = 200) -> Row:
    """Of each kind of gap how many there are (`n`), and the first `rows` in order of time.

    `without_recording`: connected calls of a known collector, whoever's log has them; where no recordings were handed
    in at all that is every call. `without_call`: recordings of which no log has the call. `without_transcript`.
    """
    return {kind: _gap(case, query, limit) for kind, query in _GAPS.items()}


def gap(case: "Case", kind: str, number: int) -> list[Row]:
    """The rows of one kind of gap, ROWS from page `number`, counted from 1, in order of time."""
    rows: list[Row] = _gap(case, _GAPS[kind], ROWS, ROWS * (max(number, 1) - 1))["rows"]
    return rows


def counted(case: "Case", account: str) -> dict[str, int]:
    """Of each kind of gap how many the contacts of one account have."""
    one = "SELECT count(*) AS n FROM ({}) g JOIN events e USING (event_id) WHERE coalesce(account_id, '') = ?"
    heard = case.query("SELECT 1 FROM sources WHERE parser = 'recording' LIMIT 1")
    asked = KINDS if heard else _WITHOUT_SOUND  # the others are about recordings
    counts = {kind: int(case.query(one.format(_GAPS[kind]), [account])[0]["n"]) for kind in asked}
    return {**dict.fromkeys(KINDS, 0), **counts}


def _gap(case: "Case", query: str, limit: int, skipped: int = 0) -> Row:
    ask = f"SELECT *, count(*) OVER () AS n FROM ({query}) ORDER BY ALL LIMIT ? OFFSET ?"  # noqa: S608 — constants only
    rows = case.query(ask, [limit, skipped])
    return {"n": rows[0]["n"] if rows else 0, "rows": [{k: v for k, v in row.items() if k != "n"} for row in rows]}


_GAPS = {
    "without_recording": """
        SELECT at_local, event_id, c.account, c.from_number, c.to_number, c.agency, s.name AS source, e.locator,
            c.recording AS named
        FROM contacts c JOIN events e USING (event_id, at_local) JOIN sources s ON s.source_id = c.source_id
        ANTI JOIN (SELECT event_id FROM kept WHERE kept_as = 'recording') k USING (event_id)
        WHERE 'collector' IN (c.from_role, c.to_role) AND c.connected AND c.channel = 'call'""",
    "without_call": """
        SELECT at_local, event_id, s.name AS source
        FROM events e JOIN sources s USING (source_id)
        WHERE parser = 'recording'
            AND coalesce(same_as, event_id) NOT IN (SELECT event_id FROM kept WHERE kept_as = 'log')""",
    "without_transcript": f"""
        {SOUND}
        SELECT at_local, event_id, s.name AS source
        FROM untranscribed JOIN events e USING (event_id) JOIN sources s USING (source_id)""",  # noqa: S608 — constants
}  # fmt: skip
