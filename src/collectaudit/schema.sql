-- The contract between the rooms. Tables are Parquet files of one run; this file gives each its columns
-- (an absent table is an empty one) and defines the views that rules and pages read.

CREATE TABLE sources (
    source_id VARCHAR, name VARCHAR, sha256 VARCHAR, size_bytes BIGINT, parser VARCHAR, kind VARCHAR,
    encoding VARCHAR, time_zone VARCHAR, owner_number VARCHAR, owner_basis VARCHAR,
    records BIGINT, events BIGINT, rejects BIGINT, declared BIGINT,
    first_at TIMESTAMP, last_at TIMESTAMP, status VARCHAR, reason VARCHAR, collector_voice INTEGER
);

CREATE TABLE rejects (source_id VARCHAR, locator VARCHAR, reason VARCHAR, raw VARCHAR);

-- account_id NULL: in every account. basis: people.csv · export · contacts · assumed
CREATE TABLE parties (
    number VARCHAR, account_id VARCHAR, role VARCHAR, name VARCHAR, organisation VARCHAR, lender VARCHAR,
    relation VARCHAR, basis VARCHAR, source_id VARCHAR, locator VARCHAR
);

-- account NULL: every account; party NULL: everybody. opens/closes: a value written as HH:MM-HH:MM.
CREATE TABLE case_facts (
    account VARCHAR, party VARCHAR, fact VARCHAR, from_at TIMESTAMP, until_at TIMESTAMP,
    value VARCHAR, opens TIME, closes TIME, note VARCHAR, source_id VARCHAR, locator VARCHAR
);

-- Sorted by (account_id, at_local, event_id). same_as: the event_id that already counts this contact, same_why: how that
-- is known (time · leg · call_id · file · stem · made_here · number_overlap · number_near · name_overlap · name_near ·
-- only_overlap). undirected: who called whom is not known, from_number is the other party.
-- least_s: where a bill rounds up to minutes, the least that it lasted.
CREATE TABLE events (
    event_id VARCHAR, source_id VARCHAR, locator VARCHAR, account_id VARCHAR, channel VARCHAR,
    from_number VARCHAR, to_number VARCHAR, from_role VARCHAR, to_role VARCHAR,
    at_local TIMESTAMP, at_utc TIMESTAMP, utc_offset INTEGER, precision VARCHAR,
    outcome VARCHAR, connected BOOLEAN, duration_s INTEGER, least_s INTEGER, name VARCHAR, agent VARCHAR, agency VARCHAR,
    lender VARCHAR, days_past_due INTEGER, recording VARCHAR, undirected BOOLEAN, same_as VARCHAR, same_why VARCHAR
);

-- heard_by: the person who listened to this passage, '' if without a name, NULL: nobody did. machine_text: what the
-- transcript has where that person heard something else; `text` is then what they heard.
CREATE TABLE utterances (
    utterance_id VARCHAR, event_id VARCHAR, source_id VARCHAR, locator VARCHAR, ordinal INTEGER, speaker VARCHAR,
    voice INTEGER, start_s DOUBLE, end_s DOUBLE, text VARCHAR, engine VARCHAR, confidence DOUBLE, doubtful BOOLEAN,
    machine_text VARCHAR, heard_by VARCHAR
);
-- The rows of listened.csv. text NULL: it is as transcribed. found: the passage still stands in a transcript.
CREATE TABLE listened (
    utterance_id VARCHAR, text VARCHAR, note VARCHAR, heard_by VARCHAR, heard_at VARCHAR, found BOOLEAN
);

-- Which end of the contact a channel of its recording (utterances.voice) is, and how that is known: declared · named
-- (in the first minute this channel names its institution, `utterance_id`, and the other does not).
CREATE TABLE voices (
    event_id VARCHAR, source_id VARCHAR, voice INTEGER, side VARCHAR, why VARCHAR, utterance_id VARCHAR
);

-- A place where a pattern of a lexicon stands. start_char, end_char: characters of utterances.text, untouched.
-- event_id: the contact it belongs to; of wording cut in two by the network, that of the first message (part 1).
-- tier: what the wording is worth from a known collector; speaker: whose words count (collector · others);
-- recipient: third_party if only words to one count; path: how it was found (plain · width · script · invisible ·
-- separators · emoji · spelling · sound · model); in_context: the message or call also speaks of a debt.
CREATE TABLE signals (
    signal_id VARCHAR, utterance_id VARCHAR, event_id VARCHAR, part INTEGER, lexicon VARCHAR, pattern VARCHAR,
    category VARCHAR, conduct VARCHAR, tier VARCHAR, speaker VARCHAR, recipient VARCHAR, asks VARCHAR,
    in_context BOOLEAN, start_char INTEGER, end_char INTEGER, matched VARCHAR, path VARCHAR
);
-- The patterns that were looked for, as they were then. exclude: what would have taken a hit away, by id and by
-- what it is called.
CREATE TABLE patterns (
    pattern VARCHAR, lexicon VARCHAR, category VARCHAR, title_en VARCHAR, title_zh VARCHAR, lang VARCHAR,
    conduct VARCHAR, tier VARCHAR, speaker VARCHAR, recipient VARCHAR, asks VARCHAR, frames VARCHAR[],
    exclude VARCHAR[], exclude_en VARCHAR[], exclude_zh VARCHAR[], asks_en VARCHAR, asks_zh VARCHAR,
    lexicons_sha256 VARCHAR
);

CREATE TABLE provisions (
    provision_id VARCHAR, regime VARCHAR, kind VARCHAR, in_force_from DATE, in_force_until DATE,
    authority VARCHAR, modality VARCHAR, article VARCHAR, instrument_en VARCHAR, instrument_zh VARCHAR,
    quote VARCHAR, text_en VARCHAR, text_zh VARCHAR, url VARCHAR, confidence VARCHAR, reviewed DATE, status VARCHAR, tier VARCHAR,
    caveat_en VARCHAR, caveat_zh VARCHAR
);

-- To whom a regime applies: one row per accepted value of a declared fact (lender, product, lender_type).
CREATE TABLE regime_scopes (regime VARCHAR, fact VARCHAR, value VARCHAR, when_unknown VARCHAR);

-- The law tables: a provision spread over what it applies to. in_force_until is exclusive, 9999-12-31 when open.
CREATE TABLE contact_hours (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, channel VARCHAR, weekday INTEGER,
    to_role VARCHAR, opens TIME, closes TIME, closes_inclusive BOOLEAN, waiver VARCHAR
);
CREATE TABLE contact_limits (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, channel VARCHAR, to_role VARCHAR,
    unit VARCHAR, days INTEGER, max_count INTEGER, min_seconds INTEGER, per VARCHAR, scope VARCHAR, waiver VARCHAR
);
CREATE TABLE cooldowns (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, channel VARCHAR, to_role VARCHAR,
    days INTEGER, per VARCHAR, waiver VARCHAR
);
CREATE TABLE redial_bursts (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, channel VARCHAR, to_role VARCHAR,
    gap_minutes INTEGER, min_calls INTEGER
);
CREATE TABLE third_party_terms (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, channel VARCHAR, to_role VARCHAR,
    allowed_if VARCHAR, max_contacts INTEGER, min_days_past_due INTEGER
);
CREATE TABLE stop_terms (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, channel VARCHAR, to_role VARCHAR, fact VARCHAR
);
CREATE TABLE escalation_steps (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, step INTEGER, channel VARCHAR, by_agency BOOLEAN
);
CREATE TABLE permitted_channels (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, channel VARCHAR
);
CREATE TABLE visit_terms (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, to_role VARCHAR, requires_fact VARCHAR,
    min_prior_contacts INTEGER
);
CREATE TABLE banned_conduct (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, conduct VARCHAR
);
CREATE TABLE required_statements (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, channel VARCHAR, to_role VARCHAR,
    statement VARCHAR, moment VARCHAR, within_seconds INTEGER
);
CREATE TABLE retention (
    provision_id VARCHAR, in_force_from DATE, in_force_until DATE, object VARCHAR, months INTEGER
);

CREATE TABLE rule_runs (
    rule_id VARCHAR, rule_sha256 VARCHAR, status VARCHAR, reason VARCHAR, contacts_seen BIGINT, findings BIGINT,
    severity VARCHAR, title_en VARCHAR, title_zh VARCHAR, message_en VARCHAR, message_zh VARCHAR,
    limits_en VARCHAR, limits_zh VARCHAR, sql VARCHAR
);
CREATE TABLE findings (
    finding_id VARCHAR, rule_id VARCHAR, regime VARCHAR, provision_id VARCHAR, tier VARCHAR, severity VARCHAR,
    account VARCHAR, event_id VARCHAR, occurred_at TIMESTAMP, facts VARCHAR
);
CREATE TABLE evidence (finding_id VARCHAR, ordinal INTEGER, event_id VARCHAR, signal_id VARCHAR);

-- What is asked about: all of a run, or, while a large one is judged, some of its accounts at a time (runs.narrow).
CREATE VIEW portion AS FROM events;

-- One row is one contact or attempt: the second record of the same call is left out, and so are a message that never left
-- the phone and a recording of which nobody knows the day.
CREATE VIEW occasions AS
SELECT event_id, source_id, coalesce(account_id, '') AS account, channel, from_number, to_number, from_role, to_role,
    at_local, CAST(at_local AS DATE) AS on_date,
    CASE WHEN precision <> 'day' THEN CAST(at_local AS TIME) END AS at_time,
    CAST(isodow(at_local) AS INTEGER) AS weekday, precision, outcome, connected, duration_s, coalesce(least_s, duration_s) AS least_s, agent, agency,
    lender, days_past_due, recording, coalesce(undirected, false) AS undirected
FROM portion
WHERE same_as IS NULL AND at_local IS NOT NULL AND outcome IS DISTINCT FROM 'not_sent';

-- Contacts of which there is nothing but a person's own statement (told.csv).
CREATE VIEW told AS
WITH stated AS (SELECT e.event_id, e.same_as, source_id FROM events e SEMI JOIN (
    SELECT source_id FROM sources WHERE kind = 'told') USING (source_id))
SELECT event_id FROM stated
ANTI JOIN (
    SELECT e.same_as AS event_id FROM events e SEMI JOIN stated s ON s.event_id = e.same_as
    WHERE e.event_id NOT IN (SELECT event_id FROM stated)
) recorded USING (event_id)
WHERE same_as IS NULL;

-- What rule authors use: occasions of which it is known who contacted whom.
CREATE VIEW contacts AS SELECT * EXCLUDE (undirected) FROM occasions WHERE NOT undirected;

-- A contact and each declared fact that holds on its day for its account and its number. A fact about the debt holds
-- whichever number is named beside it. later: surely after the fact began; a date without a time lasts until midnight.
-- What a case is about (product, lender, due date) is left out: it would be repeated for each of its contacts.
CREATE VIEW declared AS
SELECT event_id, account, channel, from_role, to_role, to_number, at_local, on_date, at_time,
    fact, value, opens, closes, from_at AS since,
    on_date > CAST(from_at AS DATE)
        OR (from_at > CAST(from_at AS DATE) AND at_time > CAST(from_at AS TIME)) AS later
FROM (
    SELECT c.*, f.* EXCLUDE (account, source_id) FROM contacts c JOIN case_facts f ON f.account = c.account
    UNION ALL
    SELECT c.*, f.* EXCLUDE (account, source_id) FROM contacts c CROSS JOIN case_facts f WHERE f.account IS NULL
)
WHERE fact NOT IN ('product', 'lender_type', 'lender', 'due')
    AND (party IS NULL OR party = to_number
        OR fact IN ('unreachable', 'deceased', 'incapacity', 'represented', 'settled', 'payment_plan'))
    AND (from_at IS NULL OR CAST(from_at AS DATE) <= on_date)
    AND (until_at IS NULL OR at_local < until_at);

-- Who says it to whom. speaker: from · to (the end of the contact), NULL where that is not known.
CREATE VIEW spoken AS
SELECT u.*, c.account, c.channel, c.at_local, c.on_date, c.at_time,
    CASE u.speaker WHEN 'from' THEN c.from_role WHEN 'to' THEN c.to_role END AS speaker_role,
    CASE u.speaker WHEN 'from' THEN c.to_role WHEN 'to' THEN c.from_role END AS to_role,
    CASE u.speaker WHEN 'from' THEN c.from_number WHEN 'to' THEN c.to_number END AS speaker_number,
    CASE u.speaker WHEN 'from' THEN c.to_number WHEN 'to' THEN c.from_number END AS to_number
FROM (
    SELECT u.* REPLACE (coalesce(u.speaker, v.side) AS speaker)
    FROM utterances u LEFT JOIN voices v USING (event_id, source_id, voice)
) u JOIN occasions c USING (event_id);

-- What rules about words use: one row per contact and kind of wording, said by a collector or by nobody knows whom.
-- A finding needs a known collector, wording that is clear by itself, no disguise that had to be guessed and no doubt
-- about what was said; a debt revealed to a known third party is one whoever says it. All else asks for a reader.
-- What a row quotes and says is that of the passage that is worth most; of those, the first.
CREATE VIEW worded AS
WITH heard AS (
    SELECT s.* EXCLUDE (speaker), u.account, u.channel, u.on_date, u.at_time, u.ordinal, u.speaker_role,
        u.to_role, u.to_number, CAST(floor(u.start_s) AS INTEGER) AS at_second,
        CAST(ceil(u.end_s) AS INTEGER) AS until_second, u.event_id AS said_in,
        CASE WHEN s.tier = 'finding' AND path NOT IN ('spelling', 'sound', 'model') AND NOT coalesce(doubtful, false)
            AND (speaker_role = 'collector' OR (category = 'third_party.disclosure' AND third_party))
            THEN 'finding' ELSE 'review' END AS worth
    FROM signals s
    JOIN (SELECT *, coalesce(to_role IN ('family', 'colleague', 'reference', 'other'), false) AS third_party
          FROM spoken) u USING (utterance_id)
    WHERE s.speaker = 'collector' AND s.category NOT LIKE 'states.%'
        AND (speaker_role = 'collector' OR (speaker_role IS NULL AND in_context))
        AND (recipient IS NULL OR third_party)
),
ranked AS (
    SELECT event_id, category, conduct, account,
        arg_min(heard, (worth, path = 'sound', part, speaker_role IS NULL, start_char - end_char, ordinal, start_char,
            pattern)) AS best,
        coalesce(list_sort(list(DISTINCT said_in) FILTER (said_in <> event_id)), []) AS others
    FROM heard
    GROUP BY event_id, category, conduct, account
)
SELECT event_id, category, conduct, account, best.worth AS tier, best.signal_id, left(best.matched, 200) AS quote,
    best.asks, best.channel, best.on_date, best.at_time, best.at_second, best.until_second, best.speaker_role,
    best.to_role, best.to_number,
    list_prepend(event_id, others) AS event_ids
FROM ranked;

-- Required statements found in what a collector says: institution, opt_out, … Where nobody knows who speaks in a
-- contact, it may have been the collector. at_second: where in a recording it is made first.
CREATE VIEW stated AS
SELECT s.event_id, replace(s.category, 'states.', '') AS statement, CAST(floor(min(u.start_s)) AS INTEGER) AS at_second
FROM signals s JOIN spoken u USING (utterance_id)
WHERE s.category LIKE 'states.%' AND coalesce(u.speaker_role, 'collector') = 'collector'
GROUP BY ALL;

-- Every record of a contact, by what it is kept as: log · recording · transcript; NULL: a recorder's note. holder: of
-- whose phone, from · to, or of a system that names both ends: switch; NULL: nobody knows. recording: its name, or the
-- one that a log tells; stem: the same without folder and ending, to compare.
CREATE VIEW kept AS
SELECT coalesce(e.same_as, e.event_id) AS event_id,
    CASE WHEN s.kind = 'events' THEN 'log' WHEN s.kind = 'transcripts' THEN 'transcript'
         WHEN s.parser = 'recording' THEN 'recording' END AS kept_as,
    CASE WHEN s.owner_number IS NULL THEN 'switch' WHEN s.owner_number LIKE 'phone:%' THEN NULL
         WHEN s.owner_number = e.from_number THEN 'from' WHEN s.owner_number = e.to_number THEN 'to' END AS holder,
    e.recording, lower(regexp_extract(e.recording, '([^/\\]*?)(\.\w{0,3}[A-Za-z]\w{0,3})?$', 1)) AS stem
FROM events e JOIN sources s USING (source_id);

CREATE VIEW exhibits AS
SELECT v.finding_id, v.ordinal, e.event_id, v.signal_id, e.source_id, s.name AS source, s.sha256, s.parser, e.locator,
    e.at_local, e.same_as IS NOT NULL AS second_record, e.same_why
FROM evidence v
JOIN events e ON coalesce(e.same_as, e.event_id) = v.event_id
JOIN sources s USING (source_id);

-- What a finding rests on that was heard in a recording: the passages it quotes; of a rule that asks what was said at
-- all, everything said in the contact. How far it goes, what wrote it down, and how much of it a person listened to.
CREATE VIEW speech AS
WITH rests AS (
    SELECT v.finding_id, s.utterance_id FROM evidence v JOIN signals s USING (signal_id)
    UNION
    SELECT f.finding_id, u.utterance_id
    FROM findings f JOIN rule_runs r USING (rule_id) JOIN evidence v USING (finding_id)
    JOIN utterances u ON u.event_id = v.event_id
    WHERE v.signal_id IS NULL AND regexp_matches(r.sql, '(?i)\b(from|join)\s+(spoken|stated)\b')
)
SELECT finding_id, CAST(count(*) AS INTEGER) AS passages, CAST(count(heard_by) AS INTEGER) AS heard,
    min(start_s) AS start_s, max(coalesce(end_s, start_s)) AS end_s,
    string_agg(DISTINCT engine, ', ' ORDER BY engine) AS engine, round(avg(confidence), 3) AS confidence,
    bool_or(doubtful) AS doubtful,
    string_agg(DISTINCT nullif(heard_by, ''), ', ' ORDER BY nullif(heard_by, '')) AS heard_by,
    CASE WHEN count(*) = 1 THEN min(utterance_id) END AS utterance_id
FROM rests JOIN utterances USING (utterance_id) JOIN sources USING (source_id)
WHERE kind = 'transcripts'
GROUP BY finding_id;
