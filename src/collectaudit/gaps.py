"""SHOW: where the sound has gaps: calls without a recording, recordings without a call, recordings not transcribed."""

from typing import TYPE_CHECKING, Any

from .speech import SOUND

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]


def recording_gaps(case: "Case", limit: int = 200) -> Row:
    """Of each kind of gap how many there are (`n`), and the first `rows` in order of time.

    `without_recording`: connected calls of a known collector, whoever's log has them; where no recordings were handed
    in at all that is every call. `without_call`: recordings of which no log has the call. `without_transcript`.
    """
    return {kind: _gap(case, query, limit) for kind, query in _GAPS.items()}


def _gap(case: "Case", query: str, limit: int) -> Row:
    rows = case.query(f"SELECT *, count(*) OVER () AS n FROM ({query}) ORDER BY ALL LIMIT ?", [limit])  # noqa: S608
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
