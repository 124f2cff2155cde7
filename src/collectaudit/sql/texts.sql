-- From utterances to the distinct texts to search: `texts`. Millions of messages have a few thousand of them, so a text
-- is a number here and only what is near in time is ever read beside another.

CREATE TEMP TABLE wordings AS
SELECT row_number() OVER (ORDER BY text) AS wording, text
FROM (SELECT DISTINCT text FROM utterances WHERE text IS NOT NULL);

-- heard: written down from what was said, perhaps as another word that sounds the same; nobody has written it down anew.
CREATE TEMP TABLE lines AS
WITH written AS (
    SELECT *, channel IN ('sms', 'im', 'email', 'letter') AS message,
        NOT message AND machine_text IS NULL AND (start_s IS NOT NULL OR engine IS NOT NULL) AS heard
    FROM spoken
)
SELECT utterance_id, event_id, 4 * wording + 2 * CAST(message AS INTEGER) + CAST(heard AS INTEGER) AS text_id,
    channel = 'sms' AS sms, at_local, account, speaker_number, to_number, speaker_role = 'collector' AS by_collector,
    coalesce(to_role IN ('family', 'colleague', 'reference', 'other'), false) AS to_third_party
FROM written JOIN wordings USING (text);

CREATE TEMP TABLE texts AS
SELECT text_id, text, text_id % 4 >= 2 AS message, text_id % 2 = 1 AS heard, CAST(NULL AS INTEGER) AS cut, by_collector
FROM (SELECT text_id, bool_or(by_collector) AS by_collector FROM lines GROUP BY text_id)
JOIN wordings ON wording = text_id // 4;
DROP TABLE wordings;

-- Messages that may be one text cut in two: from and to the same number, within 120 seconds of each other, as was
-- measured, or within an hour if the second says that it is a part (2/3). That mark is not part of the text.
CREATE TEMP TABLE pairs AS
WITH ordered AS (
    SELECT rowid AS first, lead(rowid) OVER w AS next, lead(at_local) OVER w - at_local AS apart
    FROM lines WHERE sms AND speaker_number IS NOT NULL AND to_number IS NOT NULL
    WINDOW w AS (PARTITION BY account, speaker_number, to_number ORDER BY at_local, event_id)
),
near AS (
    SELECT l.utterance_id, l.event_id, l.speaker_number, l.by_collector, l.to_third_party, n.utterance_id AS next_id,
        t.text, u.text AS next_text, apart,
        regexp_extract(u.text, '^\s*[(（\[【]?\s*\d{1,2}\s*/\s*\d{1,2}\s*[)）\]】]?\s*') AS mark
    FROM ordered JOIN lines l ON l.rowid = first JOIN lines n ON n.rowid = next
    JOIN texts t ON t.text_id = l.text_id JOIN texts u ON u.text_id = n.text_id
    WHERE apart <= INTERVAL 1 HOUR
)
SELECT utterance_id, event_id, speaker_number, by_collector, to_third_party, next_id, length(mark) AS mark,
    text || substr(next_text, length(mark) + 1) AS whole, CAST(length(text) AS INTEGER) AS cut,
    -dense_rank() OVER (ORDER BY whole, cut) AS text_id
FROM near WHERE mark <> '' OR apart <= INTERVAL 120 SECONDS;

INSERT INTO texts
SELECT text_id, whole, true, false, cut, bool_or(by_collector) FROM pairs GROUP BY text_id, whole, cut;
