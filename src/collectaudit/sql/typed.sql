-- What a spreadsheet leaves of a long number that it took for a quantity: 1.38E+10 stands for many numbers.
CREATE MACRO cut(x) AS contains(x, 'E+') AND regexp_full_match(x, '[0-9](\.[0-9]+)?E\+[0-9]{1,2}');

-- One typed row for each raw row; `reason` is set on those that are no record. `numbered` is `timed` with its
-- numbers canonical; civil_offset() and epoch_offset() give the offset of the source's zone in seconds.
CREATE VIEW read AS
SELECT r.*, coalesce(r.kind, 'event') AS record_kind,
    coalesce(civil_at, epoch_at + to_seconds(epoch_offset(epoch_at))) AS at_local,
    CASE WHEN civil_at IS NOT NULL THEN coalesce(r.offset_s, civil_offset(civil_at)) ELSE epoch_offset(epoch_at) END
        AS utc_offset,
    coalesce(stamp_precision, 'second') AS precision,
    coalesce(try_cast(r.duration AS INTEGER), d.seconds) AS duration_s,
    fa.moment AS from_at_read, fa.why AS from_why, ua.why AS until_why,
    ua.moment + to_days(CASE WHEN ua.precision = 'day' THEN 1 ELSE 0 END) AS until_at_read
FROM numbered r
LEFT JOIN odd_durations d ON d.text = r.duration
LEFT JOIN odd_times fa ON fa.text = r.from_at
LEFT JOIN odd_times ua ON ua.text = r.until_at;

CREATE VIEW weighed AS
SELECT *, coalesce(reason, CASE record_kind
    WHEN 'party' THEN CASE WHEN number IS NULL THEN 'no telephone number'
        WHEN cut(number) THEN 'a spreadsheet has cut the number short: ' || number END
    WHEN 'fact' THEN coalesce(from_why, until_why)
    WHEN 'utterance' THEN NULL
    WHEN 'recording' THEN why  -- of one whose name tells no time, the time is not known
    ELSE CASE
        WHEN why IS NOT NULL THEN why
        WHEN cut(own) OR cut(other) OR cut(caller) OR cut(callee) THEN 'a spreadsheet has cut the number short: '
            || concat_ws(', ', own, other, caller, callee)
        WHEN at_local IS NULL AND epoch_ms IS NOT NULL THEN 'time cannot be read: ' || epoch_ms[:40]
        WHEN at_local IS NULL THEN 'no time is given'
        WHEN year(at_local) NOT BETWEEN 2007 AND 2100
            THEN 'time is not plausible (a clock that was reset?): ' || strftime(at_local, '%Y-%m-%d')
        WHEN channel IS NULL THEN 'the kind of contact is not given'
        WHEN caller IS NULL AND callee IS NULL AND direction IS NULL
            THEN 'neither a direction nor two numbers are given'
        WHEN collector = 'caller' AND callee IS NULL OR collector = 'callee' AND caller IS NULL
            THEN 'the number of the person contacted is not given'
    END END) AS why_not
FROM read;

CREATE VIEW typed AS
SELECT source_id() AS source_id, n, locator, CAST(record_kind AS word) AS kind, why_not AS reason,
    CASE WHEN why_not IS NOT NULL
        THEN coalesce(nullif(raw, ''), concat_ws(' | ', stamp, caller, callee, other, duration, account)) END AS raw,
    CAST(channel AS word) AS channel, CAST(direction AS word) AS direction, own, other, caller, callee,
    CAST(collector AS word) AS collector, CAST(role AS word) AS role, relation, name, organisation,
    account_id, at_local, at_local - to_seconds(utc_offset) AS at_utc,
    CAST(utc_offset AS INTEGER) AS utc_offset, CAST(precision AS word) AS precision,
    CAST(coalesce(outcome, CASE WHEN channel = 'call' AND duration_s > 0 THEN 'connected' END) AS word) AS outcome,
    CASE WHEN channel IN ('call', 'voicemail') THEN CASE WHEN outcome = 'connected' THEN true
        WHEN outcome IS NOT NULL THEN false WHEN duration_s > 0 THEN true END END AS connected,
    CAST(duration_s AS INTEGER) AS duration_s, duration IS NOT NULL AND duration_s IS NULL AS odd_duration,
    CASE WHEN contains(duration, '-') THEN try_cast(regexp_extract(duration, '^([0-9]{1,7})-[0-9]{1,7}$', 1) AS INTEGER) END
        AS least_s,
    body, agent, agency, lender, try_cast(days_past_due AS INTEGER) AS days_past_due, recording, nullif(trim(call), '') AS call_id,
    number, fact, party, from_at_read AS from_at, until_at_read AS until_at, value, note,
    try_cast(start_s AS DOUBLE) AS start_s, try_cast(end_s AS DOUBLE) AS end_s, speaker, try_cast(voice AS INTEGER) AS voice,
    try_cast(confidence AS DOUBLE) AS confidence, doubtful IS NOT NULL AS doubtful, engine
FROM weighed;
