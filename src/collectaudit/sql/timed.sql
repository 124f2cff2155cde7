-- The time of each raw record. `raw` is the view of the parser's rows; the look-up tables are filled from Python
-- with what it makes of every text that the patterns here do not settle.
CREATE TABLE odd_times (text VARCHAR, moment TIMESTAMP, precision VARCHAR, offset_s BIGINT, why VARCHAR);
CREATE TABLE odd_durations (text VARCHAR, seconds BIGINT);
CREATE TABLE odd_numbers (text VARCHAR, canonical VARCHAR);
-- stamp_of(date, time) is `date time`, or whichever of the two the source gives, as one text.

CREATE MACRO plain_time(stamp) AS CASE
    WHEN stamp LIKE '____-__-__ __:__:__' OR stamp LIKE '____/__/__ __:__:__' OR stamp LIKE '____-__-__T__:__:__'
    THEN try_cast(stamp AS TIMESTAMP) END;

-- Names that contacts are grouped by: `A1 ` is `A1`, and blank is nothing. Asked here, straight from the file, it is asked
-- once for each of the few different names.
CREATE MACRO plain(name) AS nullif(trim(name), '');

CREATE VIEW stamped AS
SELECT * REPLACE (plain(agent) AS agent, plain(agency) AS agency, plain(lender) AS lender), plain(account) AS account_id,
    stamp_of(date, time) AS stamp, plain_time(stamp_of(date, time)) AS plain_at
FROM raw;

-- The offset in which a time is written that is not the contact's own time: of a switch whose clock runs in another zone
-- (`offset`), UTC, which is nobody's, or a source in another zone than that of the case (written_offset). Such a time is
-- a moment; what the clock showed where the debtor is, the zone of the case says.
CREATE MACRO written_offset(t) AS CAST(NULL AS BIGINT);

CREATE MACRO elsewhere(told, written) AS CASE
    WHEN written <> 0 AND told IS NULL THEN NULL
    WHEN written IS NOT NULL THEN written
    WHEN regexp_full_match(told, '[+-][0-9]{2}:[0-9]{2}')
    THEN (CASE told[1] WHEN '-' THEN -60 ELSE 60 END) * (60 * CAST(told[2:3] AS BIGINT) + CAST(told[5:6] AS BIGINT))
    END;

CREATE VIEW read_stamps AS
SELECT s.*, coalesce(plain_at, o.moment) AS moment, o.why, o.offset_s,
    CASE WHEN plain_at IS NOT NULL THEN 'second' ELSE o.precision END AS stamp_precision,
    CASE WHEN stamp_precision <> 'day' THEN
        coalesce(elsewhere("offset", o.offset_s), CASE WHEN o.offset_s IS NULL THEN written_offset(coalesce(plain_at, o.moment)) END)
    END AS shift
FROM stamped s LEFT JOIN odd_times o ON o.text = s.stamp;

CREATE VIEW timed AS
SELECT * EXCLUDE (moment, shift), CASE WHEN shift IS NULL THEN moment END AS civil_at,
    coalesce(moment - to_seconds(shift),
        make_timestamp(CASE WHEN regexp_full_match(epoch_ms, '-?[0-9]{1,15}') THEN CAST(epoch_ms AS BIGINT) * 1000 END))
        AS epoch_at
FROM read_stamps;
