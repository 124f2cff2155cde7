"""To which call a recording belongs, and what was said in it. A recording is another record of its call, no other call;
a transcript is one of its recording. Each link keeps its reason as a code (`same_why`).

Of the calls that reached anybody, the best counts: same number and overlapping time; same number, nearest start; the
same two where only the name is known; the only call of that phone at that time. What is left is an event of its own.
"""

import unicodedata
from collections.abc import Iterable

import duckdb

from .pairing import follow
from .sources._naming import stem

# Milliseconds. A log has the dialling, a recording begins with the answer or before it. Five minutes between two starts
# is a published choice for names to the second (call-recorder tools); no name is more exact than it says.
_RINGING = 90_000
_NEAREST = 300_000
_DAY = 86_400_000
_ROUNDS = 4


def families(con: duckdb.DuckDBPyConnection, sources: Iterable[tuple[str, str, bool]]) -> None:
    """Fill `same` with the transcripts that lie beside their recording under its name, from the table `drafted`.

    `sources`: (source id, name, whether it is sound) of every recording and transcript.
    """
    rows = [(source_id, _family(name), sound) for source_id, name, sound in sources]
    con.execute("CREATE TABLE families (source_id VARCHAR, family VARCHAR, sound BOOLEAN)")
    if rows:
        con.executemany("INSERT INTO families VALUES (?, ?, ?)", rows)
        con.execute(_KIN)


def made_here(con: duckdb.DuckDBPyConnection, transcripts: Iterable[tuple[str, str]]) -> None:
    """Fill `same` with the transcripts that were made in this case. `transcripts`: (source id, its recording's)."""
    con.execute("CREATE TABLE made (source_id VARCHAR, recording VARCHAR)")
    rows = list(transcripts)
    if rows:
        con.executemany("INSERT INTO made VALUES (?, ?)", rows)
        con.execute(_MADE)


def _family(name: str) -> str:
    """Folder and stem."""
    return unicodedata.normalize("NFC", name.rpartition("/")[0]) + "/" + stem(name).casefold()


_MADE = """
INSERT INTO same
SELECT t.event_id, r.event_id, 'made_here'
FROM made m JOIN drafted t ON t.source_id = m.source_id JOIN drafted r ON r.source_id = m.recording
"""

_KIN = """
INSERT INTO same
SELECT event_id, head, 'stem' FROM (
    SELECT event_id, sound, first_value(event_id) OVER (PARTITION BY family ORDER BY NOT sound, event_id) AS head
    FROM drafted JOIN families USING (source_id))
WHERE event_id <> head AND NOT sound
"""


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Add to `same` each recording that belongs to a call, and give the call its recording's name."""
    con.execute(_BY_FILE)
    con.execute(_HEARD)
    con.execute(_BY_ID)
    con.execute(_FITTING)
    for _ in range(_ROUNDS):
        con.execute(_LINK.format(mutual=_MUTUAL))
    con.execute(_LINK.format(mutual=""))
    con.execute(_TWICE)
    follow(con)
    con.execute(_NAMED)


# A record that names its recording, as voicemail and chats do: the one file of that name in its folder or below.
_BY_FILE = """
INSERT INTO same
WITH placed AS (
    SELECT event_id, recorded, kind, recording, regexp_replace(s.name, '[^/]*$', '') AS folder,
        lower(parse_filename(s.name)) AS file
    FROM drafted d JOIN source_facts s USING (source_id)
)
SELECT r.event_id, e.event_id, 'file'
FROM placed r JOIN placed e ON r.file = lower(parse_filename(e.recording)) AND starts_with(r.folder, e.folder)
WHERE r.recorded AND r.kind = 'recordings' AND NOT e.recorded
QUALIFY count(*) OVER (PARTITION BY r.event_id) = 1 AND count(*) OVER (PARTITION BY e.event_id) = 1;
"""

# What the recorder wrote beside a recording stands for it. Then, of every recording: the other party's number; of a
# switch's, the end that is not its own. A call is looked for on its day and the days beside it. In milliseconds:
# began and, where that is not known to the second, the latest that it can have begun (`last`), and how long it was.
_HEARD = f"""
INSERT INTO same
SELECT event_id, head, 'stem' FROM (
    SELECT event_id, first_value(event_id) OVER (PARTITION BY family ORDER BY parser <> 'sidecar', event_id) AS head,
        bool_or(parser = 'sidecar') OVER (PARTITION BY family) AS written
    FROM drafted JOIN families USING (source_id) JOIN source_facts USING (source_id) ANTI JOIN same USING (event_id)
    WHERE sound)
WHERE written AND event_id <> head;

CREATE MACRO uncertain(known_to) AS CASE known_to WHEN 'second' THEN 0 WHEN 'minute' THEN 59000 ELSE 86399000 END;
CREATE TABLE heard AS
SELECT event_id, undirected, switch, from_number, to_number, name, call_id, own_number AS near,
    epoch_ms(at_utc) AS began, epoch_ms(at_utc) + uncertain(precision) AS last, duration_s * 1000 AS lasts,
    greatest(coalesce(lasts, 0), 1000) AS span,
    CASE WHEN NOT switch THEN CASE WHEN other_calls THEN from_number ELSE to_number END
        WHEN from_said = 'collector' THEN to_number ELSE from_number END AS far
FROM drafted ANTI JOIN same USING (event_id)
WHERE recorded AND at_utc IS NOT NULL;
CREATE TABLE calls AS
SELECT event_id, from_number, to_number, name, epoch_ms(at_utc) AS began, began + uncertain(precision) AS last,
    duration_s * 1000 AS lasts, greatest(coalesce(lasts, 0), 1000) AS span, began // {_DAY} AS day
FROM drafted ANTI JOIN same USING (event_id)
WHERE NOT recorded AND channel = 'call' AND connected IS DISTINCT FROM false AND outcome IS DISTINCT FROM 'not_sent';
"""  # noqa: S608 — constants only

# The id of a call in a recording's name is the switch's own word for it. Of several legs with it the nearest.
_BY_ID = """
INSERT INTO same
WITH ids AS (SELECT event_id, unnest(string_split(call_id, ' ')) AS id, at_utc FROM drafted
    WHERE call_id IS NOT NULL AND NOT recorded)
SELECT h.event_id, arg_min(c.event_id, abs(epoch_ms(c.at_utc) - began)), 'call_id'
FROM heard h JOIN ids c ON c.id = h.call_id GROUP BY h.event_id;
"""

# `shared`: how long both can have lasted at once. Of the calls of the best kind that fit; where only the day is known,
# or only the phone, several of them are no answer.
_FITTING = f"""
CREATE MACRO of_phone(near, number) AS near IS NULL OR near LIKE 'phone:%' OR near = number OR number LIKE 'phone:%';
CREATE TABLE fitting AS
WITH near AS (SELECT *, unnest([began // {_DAY} - 1, began // {_DAY}, began // {_DAY} + 1]) AS day FROM heard),
pairs AS (
    SELECT h, c, 1 AS rank, 'number' AS why FROM near h JOIN calls c ON c.day = h.day AND c.from_number = far
    WHERE (undirected OR h.from_number = far) AND (switch OR of_phone(near, c.to_number))
    UNION ALL
    SELECT h, c, 1, 'number' FROM near h JOIN calls c ON c.day = h.day AND c.to_number = far
    WHERE (undirected OR h.to_number = far) AND (switch OR of_phone(near, c.from_number))
    UNION ALL
    SELECT h, c, 3, 'name' FROM near h JOIN calls c ON c.day = h.day AND c.name = h.name
    WHERE far IS NULL AND (of_phone(near, c.to_number) OR of_phone(near, c.from_number))
    UNION ALL
    SELECT h, c, 5, 'only' FROM near h JOIN calls c ON c.day = h.day AND near IN (c.from_number, c.to_number)
    WHERE far IS NULL AND coalesce(h.name = c.name, true) AND coalesce(h.lasts <= c.lasts + {_RINGING}, true)
),
measured AS (
    SELECT h.event_id, c.event_id AS call, rank, why, h.last - h.began + c.last - c.began AS unsure,
        h.began <= c.last + c.span + {_RINGING} AND c.began <= h.last + h.span AS overlapping,
        greatest(c.began - h.last, h.began - c.last, 0) AS apart, abs(coalesce(h.lasts - c.lasts, 0)) AS longer,
        greatest(least(h.span, c.span, c.last + c.span - h.began, h.last + h.span - c.began), 0) AS shared
    FROM pairs
),
ranked AS (
    SELECT * REPLACE (why || CASE WHEN overlapping THEN '_overlap' ELSE '_near' END AS why,
        rank + CASE WHEN overlapping THEN 0 ELSE 1 END AS rank)
    FROM measured WHERE overlapping OR (why <> 'only' AND apart <= {_NEAREST})
),
best AS (SELECT * FROM ranked QUALIFY rank = min(rank) OVER (PARTITION BY event_id))
SELECT * FROM best
QUALIFY count(*) OVER (PARTITION BY event_id) = 1
    OR (max(unsure) OVER (PARTITION BY event_id) < 86399000 AND why <> 'only_overlap');
"""  # noqa: S608 — constants only

# One round: of each recording the call that it shares most with, and, if all else is equal, one that has none yet;
# of each call the recording that fits it best. Parts of a call, and what two recorders made of it, come after that.
_LINK = """
INSERT INTO same
SELECT event_id, call, why FROM (
    SELECT f.* FROM fitting f ANTI JOIN same USING (event_id)
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY shared DESC,
        call IN (SELECT same_as FROM same SEMI JOIN heard USING (event_id)), apart, longer, call) = 1)
{mutual};
"""
_MUTUAL = "QUALIFY row_number() OVER (PARTITION BY call ORDER BY shared DESC, apart, longer, event_id) = 1"

# Of recordings that have no call: a phone is in one call at a time, so those of the same party that overlap are of one;
# and so are those of a phone and of a switch that have the same two numbers.
_TWICE = """
INSERT INTO same
WITH alone AS (SELECT *, last - began AS unsure FROM heard ANTI JOIN same USING (event_id)),
met AS (
    SELECT a, b FROM alone a JOIN alone b ON a.far = b.far AND a.near IS NOT DISTINCT FROM b.near
    WHERE a.undirected OR b.undirected OR a.from_number = b.from_number
    UNION ALL
    SELECT a, b FROM alone a JOIN alone b ON a.from_number = b.from_number AND a.to_number = b.to_number
    WHERE NOT a.undirected AND NOT b.undirected AND a.near IS DISTINCT FROM b.near
),
pairs AS (
    SELECT a, b, a.unsure + b.unsure = 0 AND a.began < b.began + b.lasts AND b.began < a.began + a.lasts AS overlapping
    FROM met WHERE (a.undirected, a.unsure, a.began, a.event_id) < (b.undirected, b.unsure, b.began, b.event_id)
)
SELECT b.event_id, first(a.event_id ORDER BY a.undirected, a.unsure, a.began, a.event_id),
    CASE WHEN bool_or(overlapping) THEN 'number_overlap' ELSE 'time' END
FROM pairs
WHERE overlapping OR (abs(a.began - b.began) <= greatest(1000, a.unsure, b.unsure)
    AND abs(coalesce(a.lasts - b.lasts, 0)) <= 30000)
GROUP BY b.event_id;
"""
_NAMED = """
INSERT INTO named_recordings
SELECT same_as, min(recording) FROM drafted JOIN same USING (event_id) WHERE recording IS NOT NULL GROUP BY same_as;
"""

# Which end of a contact is the collecting one, by its roles: the one that is a collector, or that nobody has named
# beside one who is none.
COLLECTING = """CASE
        WHEN from_role = 'collector' AND to_role IS DISTINCT FROM 'collector' THEN 'from'
        WHEN to_role = 'collector' AND from_role IS DISTINCT FROM 'collector' THEN 'to'
        WHEN from_role IS NULL AND to_role <> 'collector' THEN 'from'
        WHEN to_role IS NULL AND from_role <> 'collector' THEN 'to' END"""

# What transcripts say, in the contact that they belong to. A label tells the collector's end from the other. Of
# transcripts with the same words, in another form, one counts.
UTTERANCES = f"""
WITH placed AS (
    SELECT d.source_id, coalesce(s.same_as, d.event_id) AS contact
    FROM drafted d LEFT JOIN same s USING (event_id) WHERE recorded
),
ends AS (
    SELECT event_id AS contact, {COLLECTING} AS collecting
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
        ORDER BY count(speaker) + count(voice) + count(confidence) DESC, source_id) = 1
)
SELECT source_id || ':' || locator AS utterance_id, contact AS event_id, source_id, locator,
    CAST(row_number() OVER (PARTITION BY contact ORDER BY start_s, source_id, n) - 1 AS INTEGER) AS ordinal,
    CASE speaker WHEN 'collector' THEN collecting
        WHEN 'contacted' THEN CASE collecting WHEN 'from' THEN 'to' WHEN 'to' THEN 'from' END END AS speaker,
    voice, start_s, end_s, body AS text, engine, confidence, doubtful, n
FROM said SEMI JOIN counted USING (source_id)
"""  # noqa: S608 — our own
