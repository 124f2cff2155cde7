-- From what was found in distinct texts (found, likes) back to who said it: `found_signals`.

-- As numbers of a list these names are sorted and written in half the time.
CREATE TYPE name AS ENUM (
    SELECT DISTINCT name
    FROM (SELECT unnest([pattern, lexicon, category, conduct, tier, speaker, recipient, asks]) AS name FROM patterns
          UNION ALL SELECT path FROM found)
    WHERE name IS NOT NULL ORDER BY name
);

CREATE TEMP TABLE hits AS
SELECT text_id, CAST(pattern AS name) AS pattern, denied, "start", "end",
    CASE path WHEN 'model' THEN left(text, 200) ELSE substr(text, "start" + 1, "end" - "start") END AS matched,
    CAST(path AS name) AS path, CAST(lexicon AS name) AS lexicon, CAST(category AS name) AS category,
    CAST(conduct AS name) AS conduct, CAST(tier AS name) AS tier, CAST(speaker AS name) AS speaker,
    CAST(recipient AS name) AS recipient, CAST(asks AS name) AS asks
FROM found JOIN likes USING ("like") JOIN texts USING (text_id) JOIN patterns USING (pattern);

CREATE TEMP VIEW placed AS
SELECT text_id, utterance_id, event_id, 1 AS part, 0 AS text_from, NULL AS text_until, 0 AS mark,
    speaker_number, by_collector, to_third_party, false AS paired
FROM lines SEMI JOIN hits USING (text_id)
UNION ALL
SELECT text_id, utterance_id, event_id, 1, 0, cut, 0, speaker_number, by_collector, to_third_party, true
FROM pairs SEMI JOIN hits USING (text_id)
UNION ALL
SELECT text_id, next_id, event_id, 2, cut, length(whole), mark, speaker_number, by_collector, to_third_party, true
FROM pairs SEMI JOIN hits USING (text_id);

-- What speaks of a debt: texts, numbers, calls and messages. A hidden number is not one number.
CREATE TEMP TABLE debts AS SELECT text_id FROM texts JOIN likes USING (text_id) WHERE of_debt AND cut IS NULL;

CREATE TEMP TABLE debtors AS
SELECT DISTINCT speaker_number FROM lines SEMI JOIN debts USING (text_id) WHERE speaker_number <> 'hidden';

-- To ask it of every contact would take longer than all else: most are known by their own words or their number.
CREATE TEMP TABLE debt_events AS
WITH unknown AS (SELECT event_id FROM placed ANTI JOIN debts USING (text_id) ANTI JOIN debtors USING (speaker_number))
SELECT DISTINCT event_id FROM lines SEMI JOIN debts USING (text_id) SEMI JOIN unknown USING (event_id);

-- Where in a message of a pair the pair, read as one, takes a hit away.
CREATE TEMP VIEW taken AS
SELECT utterance_id, pattern, "start" - text_from + mark AS "start"
FROM placed JOIN hits USING (text_id) WHERE denied AND "start" >= text_from AND "start" < text_until;

-- Words that a person corrected are others: what was thought of the machine's is not said of them.
CREATE TEMP VIEW found_signals AS
WITH corrected AS (SELECT utterance_id, text FROM utterances WHERE machine_text IS NOT NULL),
said AS (
    -- sorting millions of signals by a number instead of three names needs less memory, and less waits on the disk
    SELECT placed.*, c.text AS corrected, dense_rank() OVER (ORDER BY event_id, part, utterance_id) AS place,
        d.text_id IS NOT NULL OR n.speaker_number IS NOT NULL OR e.event_id IS NOT NULL AS in_context
    FROM placed
    LEFT JOIN corrected c USING (utterance_id)
    LEFT JOIN debts d USING (text_id)
    LEFT JOIN debtors n USING (speaker_number)
    LEFT JOIN debt_events e USING (event_id)
),
counted AS (
    SELECT h.*, said.* EXCLUDE (text_id),
        CAST(greatest("start" - text_from, 0) + mark AS INTEGER) AS start_char,
        CAST(least("end", text_until) - text_from + mark AS INTEGER) AS end_char
    FROM said JOIN hits h USING (text_id)
    ANTI JOIN taken t ON t.utterance_id = said.utterance_id AND t.pattern = h.pattern AND t."start" = h."start"
        AND NOT paired
    WHERE NOT denied AND CASE speaker WHEN 'collector' THEN coalesce(by_collector, true)
        ELSE by_collector IS DISTINCT FROM true END
        -- `worded` asks this as well; here it keeps the ordinary words of millions of reminders out
        AND (recipient IS NULL OR to_third_party)
    -- what stands in this message alone and goes on in the next looks the same by all but its end
    ORDER BY place, start_char, end_char, pattern, "end" DESC
)
SELECT left(sha256(concat_ws('|', utterance_id, event_id, pattern, "start", "end", corrected)), 16) AS signal_id,
    utterance_id, event_id, part, lexicon, pattern, category, conduct, tier, speaker, recipient, asks, in_context,
    start_char, end_char, matched, path
FROM counted;
