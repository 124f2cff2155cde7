"""To which call a recording belongs, and what was said in it. A recording is another record of its call, no other call;
a transcript is one of its recording. Each link keeps its reason as a code (`same_why`).

Of the calls that reached anybody, the best counts: same number and overlapping time; same number, nearest start; the
same two where only the name is known; the only call of that phone at that time. What is left is an event of its own.
"""

import unicodedata
from collections.abc import Iterable

import duckdb

from .sources._naming import stem

# Seconds. A log has the dialling, a recording begins with the answer or before it. Five minutes between two starts
# is a published choice for names to the second (call-recorder tools); no name is more exact than it says.
_RINGING = 90
_NEAREST = 300


def families(con: duckdb.DuckDBPyConnection, sources: Iterable[tuple[str, str, bool]]) -> None:
    """Fill `same` with the transcripts that lie beside their recording under its name, from the table `drafted`.

    `sources`: (source id, name, whether it is sound) of every recording and transcript.
    """
    rows = [(source_id, _family(name), sound) for source_id, name, sound in sources]
    con.execute("CREATE TABLE families (source_id VARCHAR, family VARCHAR, sound BOOLEAN)")
    if rows:
        con.executemany("INSERT INTO families VALUES (?, ?, ?)", rows)
        con.execute(_KIN)


def _family(name: str) -> str:
    """Folder and stem."""
    return unicodedata.normalize("NFC", name.rpartition("/")[0]) + "/" + stem(name).casefold()


_KIN = """
INSERT INTO same
SELECT event_id, head, 'stem' FROM (
    SELECT event_id, sound, first_value(event_id) OVER (PARTITION BY family ORDER BY NOT sound, event_id) AS head
    FROM drafted JOIN families USING (source_id))
WHERE event_id <> head AND NOT sound
"""


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Add to `same` each recording that belongs to a call, and give the call its recording's name."""
    con.execute(_HEARD)
    con.execute(_FITTING)
    con.execute(_LINK)


# The other party's number of a recording; of a switch's, the end that is not its own. A call is looked for on its day
# and the days beside it.
_HEARD = f"""
CREATE TABLE heard AS
SELECT event_id, undirected, switch, from_number, to_number, name, at_utc, own_number AS near,
    CASE WHEN NOT switch THEN CASE WHEN other_calls THEN from_number ELSE to_number END
        WHEN from_said = 'collector' THEN to_number ELSE from_number END AS far,
    at_utc + to_seconds(coalesce(duration_s, 0) + slack) AS until, slack,
    unnest([day - 1, day, day + 1]) AS day
FROM (
    SELECT *, epoch_ms(at_utc) // 86400000 AS day,
        CASE precision WHEN 'second' THEN 0 WHEN 'minute' THEN 59 ELSE 86399 END AS slack
    FROM drafted ANTI JOIN same USING (event_id)
    WHERE recorded AND at_utc IS NOT NULL
);
CREATE TABLE calls AS
SELECT event_id, from_number, to_number, name, at_utc, epoch_ms(at_utc) // 86400000 AS day,
    at_utc + to_seconds(coalesce(duration_s, 0) + {_RINGING}
        + CASE precision WHEN 'second' THEN 0 WHEN 'minute' THEN 59 ELSE 86399 END) AS until
FROM drafted ANTI JOIN same USING (event_id)
WHERE NOT recorded AND channel = 'call' AND connected IS DISTINCT FROM false AND outcome IS DISTINCT FROM 'not_sent';
"""  # noqa: S608 — constants only

_FITTING = f"""
CREATE MACRO of_phone(near, number) AS near IS NULL OR near LIKE 'phone:%' OR near = number OR number LIKE 'phone:%';
CREATE TABLE fitting AS
WITH pairs AS (
    SELECT h, c, 1 AS rank, 'number' AS why FROM heard h JOIN calls c ON c.day = h.day AND c.from_number = far
    WHERE (undirected OR h.from_number = far) AND (switch OR of_phone(near, c.to_number))
    UNION ALL
    SELECT h, c, 1, 'number' FROM heard h JOIN calls c ON c.day = h.day AND c.to_number = far
    WHERE (undirected OR h.to_number = far) AND (switch OR of_phone(near, c.from_number))
    UNION ALL
    SELECT h, c, 3, 'name' FROM heard h JOIN calls c ON c.day = h.day AND c.name = h.name
    WHERE far IS NULL AND (of_phone(near, c.to_number) OR of_phone(near, c.from_number))
    UNION ALL
    SELECT h, c, 5, 'only' FROM heard h JOIN calls c ON c.day = h.day AND near IN (c.from_number, c.to_number)
    WHERE far IS NULL AND coalesce(h.name = c.name, true)
),
measured AS (
    SELECT h.event_id, c.event_id AS call, rank, why, h.at_utc <= c.until AND c.at_utc <= h.until AS overlapping,
        greatest(abs(epoch_ms(h.at_utc) - epoch_ms(c.at_utc)) / 1000 - h.slack, 0) AS apart, h.slack AS slack
    FROM pairs
)
SELECT event_id, call, why || CASE WHEN overlapping THEN '_overlap' ELSE '_near' END AS why, apart,
    rank + CASE WHEN overlapping THEN 0 ELSE 1 END AS rank, slack
FROM measured WHERE overlapping OR (why <> 'only' AND apart <= {_NEAREST});
"""  # noqa: S608 — constants only

# Where only the day is known, or only the phone, several calls that fit are no answer.
_LINK = """
INSERT INTO same
SELECT event_id, call, why FROM (
    SELECT *, count(*) OVER (PARTITION BY event_id, rank) AS several,
        row_number() OVER (PARTITION BY event_id ORDER BY rank, apart, call) AS place
    FROM fitting)
WHERE place = 1 AND (several = 1 OR (slack < 86399 AND why <> 'only_overlap'));

INSERT INTO named_recordings
SELECT same_as, min(recording) FROM drafted JOIN same USING (event_id) WHERE recording IS NOT NULL GROUP BY same_as;
"""

# What transcripts say, in the contact that they belong to. A label tells the collector's end from the other; which
# end of the contact that is, its roles tell: the one that is a collector, or that nobody has named beside one who is
# none. Of transcripts with the same words, in another form, one counts.
UTTERANCES = """
WITH placed AS (
    SELECT d.source_id, coalesce(s.same_as, d.event_id) AS contact
    FROM drafted d LEFT JOIN same s USING (event_id) WHERE recorded
),
ends AS (
    SELECT event_id AS contact, CASE
        WHEN from_role = 'collector' AND to_role IS DISTINCT FROM 'collector' THEN 'from'
        WHEN to_role = 'collector' AND from_role IS DISTINCT FROM 'collector' THEN 'to'
        WHEN from_role IS NULL AND to_role <> 'collector' THEN 'from'
        WHEN to_role IS NULL AND from_role <> 'collector' THEN 'to' END AS collecting
    FROM drafted
),
said AS (
    SELECT * FROM records JOIN placed USING (source_id) JOIN ends USING (contact)
    WHERE kind = 'utterance' AND reason IS NULL
),
counted AS (
    SELECT source_id FROM said GROUP BY source_id, contact
    QUALIFY row_number() OVER (
        PARTITION BY contact, md5(string_agg(regexp_replace(body, '\\s', '', 'g'), '' ORDER BY n))
        ORDER BY count(speaker) + count(confidence) DESC, source_id) = 1
)
SELECT source_id || ':' || locator AS utterance_id, contact AS event_id, source_id, locator,
    CAST(row_number() OVER (PARTITION BY contact ORDER BY start_s, source_id, n) - 1 AS INTEGER) AS ordinal,
    CASE speaker WHEN 'collector' THEN collecting
        WHEN 'contacted' THEN CASE collecting WHEN 'from' THEN 'to' WHEN 'to' THEN 'from' END END AS speaker,
    start_s, end_s, body AS text, engine, confidence, doubtful, n
FROM said SEMI JOIN counted USING (source_id)
"""
