-- The time of each raw record. `raw` is the view of the parser's rows; the look-up tables are filled from Python
-- with what it makes of every text that the patterns here do not settle.
CREATE TABLE odd_times (text VARCHAR, moment TIMESTAMP, precision VARCHAR, offset_s BIGINT, why VARCHAR);
CREATE TABLE odd_durations (text VARCHAR, seconds BIGINT);
CREATE TABLE odd_numbers (text VARCHAR, canonical VARCHAR);
-- stamp_of(date, time) is `date time`, or whichever of the two the source gives, as one text.

CREATE MACRO plain_time(stamp) AS CASE
    WHEN stamp LIKE '____-__-__ __:__:__' OR stamp LIKE '____/__/__ __:__:__' OR stamp LIKE '____-__-__T__:__:__'
    THEN try_cast(stamp AS TIMESTAMP) END;

CREATE VIEW stamped AS SELECT *, stamp_of(date, time) AS stamp, plain_time(stamp_of(date, time)) AS plain_at FROM raw;

CREATE VIEW timed AS
SELECT s.*, coalesce(plain_at, o.moment) AS civil_at, o.why, o.offset_s,
    CASE WHEN plain_at IS NOT NULL THEN 'second' ELSE o.precision END AS civil_precision,
    make_timestamp(CASE WHEN regexp_full_match(epoch_ms, '-?[0-9]{1,15}') THEN CAST(epoch_ms AS BIGINT) * 1000 END)
        AS epoch_at
FROM stamped s LEFT JOIN odd_times o ON o.text = s.stamp;
