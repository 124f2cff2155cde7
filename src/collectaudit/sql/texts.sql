-- From utterances to the distinct texts to search: `texts`.

-- heard: written down from what was said, perhaps as another word that sounds the same; nobody has written it down anew.
CREATE TEMP TABLE lines AS
SELECT utterance_id, event_id, text, channel IN ('sms', 'im', 'email', 'letter') AS message,
    NOT message AND machine_text IS NULL AND (start_s IS NOT NULL OR engine IS NOT NULL) AS heard,
    speaker_role, speaker_number, to_role
FROM spoken WHERE text IS NOT NULL;

-- Messages that may be one text cut in two: from and to the same number, within 120 seconds of each other, as was
-- measured, or within an hour if the second says that it is a part (2/3). That mark is not part of the text.
CREATE TEMP TABLE pairs AS
WITH ordered AS (
    SELECT utterance_id, event_id, text, at_local, speaker_role, speaker_number, to_role,
        lead(utterance_id) OVER w AS next_id, lead(text) OVER w AS next_text, lead(at_local) OVER w AS next_at,
        regexp_extract(lead(text) OVER w, '^\s*[(（\[【]?\s*\d{1,2}\s*/\s*\d{1,2}\s*[)）\]】]?\s*') AS mark
    FROM spoken
    WHERE channel = 'sms' AND speaker_number IS NOT NULL AND to_number IS NOT NULL AND text IS NOT NULL
    WINDOW w AS (PARTITION BY account, speaker_number, to_number ORDER BY at_local, event_id)
)
SELECT * EXCLUDE (next_text), text || substr(next_text, length(mark) + 1) AS whole
FROM ordered
WHERE next_at - at_local <= CASE WHEN mark = '' THEN INTERVAL 120 SECONDS ELSE INTERVAL 1 HOUR END;

CREATE TEMP TABLE texts AS
SELECT row_number() OVER (ORDER BY text, message, heard, cut) AS text_id, *
FROM (
    SELECT text, message, heard, CAST(NULL AS INTEGER) AS cut, bool_or(speaker_role = 'collector') AS by_collector
    FROM lines GROUP BY text, message, heard
    UNION ALL
    SELECT whole, true, false, CAST(length(text) AS INTEGER) AS cut, bool_or(speaker_role = 'collector')
    FROM pairs GROUP BY whole, cut
);
