-- From what was found in distinct texts (hits, contexts) back to who said it: `found_signals`.

-- Calls, messages and numbers that speak of a debt. A hidden number is not one number.
CREATE TEMP TABLE debts AS
SELECT DISTINCT unnest([event_id, nullif(speaker_number, 'hidden')]) AS name
FROM lines l JOIN (SELECT * FROM texts SEMI JOIN contexts USING (text_id)) t ON t.text = l.text AND t.message = l.message
WHERE t.cut IS NULL;

CREATE TEMP VIEW placed AS
WITH hit_texts AS (SELECT * FROM texts SEMI JOIN hits USING (text_id))
SELECT text_id, utterance_id, event_id, 1 AS part, 0 AS text_from, length(l.text) AS text_until, 0 AS mark,
    speaker_role, speaker_number
FROM lines l JOIN hit_texts t ON t.text = l.text AND t.message = l.message
WHERE cut IS NULL
UNION ALL
SELECT text_id, utterance_id, event_id, 1, 0, cut, 0, speaker_role, speaker_number
FROM pairs JOIN hit_texts ON hit_texts.text = whole AND cut = length(pairs.text)
UNION ALL
SELECT text_id, next_id, event_id, 2, cut, length(whole), length(mark), speaker_role, speaker_number
FROM pairs JOIN hit_texts ON hit_texts.text = whole AND cut = length(pairs.text);

CREATE TEMP VIEW found_signals AS
SELECT left(sha256(concat_ws('|', utterance_id, event_id, pattern, h."start")), 16) AS signal_id,
    utterance_id, event_id, part, lexicon, pattern, category, conduct, p.tier, speaker, recipient, asks,
    coalesce(e.name, n.name) IS NOT NULL AS in_context,
    CAST(greatest(h."start" - text_from, 0) + mark AS INTEGER) AS start_char,
    CAST(least(h."end", text_until) - text_from + mark AS INTEGER) AS end_char, matched, path
FROM placed
JOIN hits h USING (text_id)
JOIN patterns p USING (pattern)
LEFT JOIN debts e ON e.name = event_id
LEFT JOIN debts n ON n.name = speaker_number
WHERE CASE speaker WHEN 'collector' THEN coalesce(speaker_role, 'collector') = 'collector'
    ELSE speaker_role IS DISTINCT FROM 'collector' END
ORDER BY event_id, part, utterance_id, start_char, end_char, pattern;
