-- From what was found in distinct texts (hits, contexts) back to who said it: `found_signals`.

-- Calls, messages and numbers that speak of a debt. A hidden number is not one number.
CREATE TEMP TABLE debts AS
SELECT DISTINCT unnest([event_id, nullif(speaker_number, 'hidden')]) AS name
FROM lines l JOIN (SELECT * FROM texts SEMI JOIN contexts USING (text_id)) t
    ON t.text = l.text AND t.message = l.message AND t.heard = l.heard
WHERE t.cut IS NULL;

CREATE TEMP VIEW placed AS
WITH hit_texts AS (SELECT * FROM texts SEMI JOIN hits USING (text_id))
SELECT text_id, utterance_id, event_id, 1 AS part, 0 AS text_from, length(l.text) AS text_until, 0 AS mark,
    speaker_role, speaker_number, to_role, false AS paired
FROM lines l JOIN hit_texts t ON t.text = l.text AND t.message = l.message AND t.heard = l.heard
WHERE cut IS NULL
UNION ALL
SELECT text_id, utterance_id, event_id, 1, 0, cut, 0, speaker_role, speaker_number, to_role, true
FROM pairs JOIN hit_texts ON hit_texts.text = whole AND cut = length(pairs.text)
UNION ALL
SELECT text_id, next_id, event_id, 2, cut, length(whole), length(mark), speaker_role, speaker_number, to_role, true
FROM pairs JOIN hit_texts ON hit_texts.text = whole AND cut = length(pairs.text);

-- Where in a message of a pair the pair, read as one, takes a hit away.
CREATE TEMP VIEW taken AS
SELECT utterance_id, pattern, "start" - text_from + mark AS "start"
FROM placed JOIN hits USING (text_id) WHERE denied AND "start" >= text_from AND "start" < text_until;

-- Words that a person corrected are others: what was thought of the machine's is not said of them.
CREATE TEMP VIEW found_signals AS
WITH corrected AS (SELECT utterance_id, text FROM utterances WHERE machine_text IS NOT NULL)
SELECT left(sha256(concat_ws('|', utterance_id, event_id, pattern, h."start", h."end", c.text)), 16) AS signal_id,
    utterance_id, event_id, part, lexicon, pattern, category, conduct, p.tier, speaker, recipient, asks,
    coalesce(e.name, n.name) IS NOT NULL AS in_context,
    CAST(greatest(h."start" - text_from, 0) + mark AS INTEGER) AS start_char,
    CAST(least(h."end", text_until) - text_from + mark AS INTEGER) AS end_char, matched, path
FROM placed
JOIN hits h USING (text_id)
JOIN patterns p USING (pattern)
LEFT JOIN corrected c USING (utterance_id)
LEFT JOIN debts e ON e.name = event_id
LEFT JOIN debts n ON n.name = speaker_number
ANTI JOIN taken t ON t.utterance_id = placed.utterance_id AND t.pattern = h.pattern AND t."start" = h."start"
    AND NOT paired
WHERE NOT denied AND CASE speaker WHEN 'collector' THEN coalesce(speaker_role, 'collector') = 'collector'
    ELSE speaker_role IS DISTINCT FROM 'collector' END
    -- `worded` asks this as well; here it keeps the ordinary words of millions of reminders out
    AND (recipient IS NULL OR to_role IN ('family', 'colleague', 'reference', 'other'))
ORDER BY event_id, part, utterance_id, start_char, end_char, pattern;
