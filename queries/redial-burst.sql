/*
id       = "redial-burst"
severity = "low"
[en]
title    = "Calls in quick succession"
message  = "{calls} calls to one number from {first_at} to {last_at}, each at most {gap_minutes} minutes after the one before; {instrument} counts {min_calls} or more as a run"
limits   = "Compares when calls began. Calls without a time of day are left out."
[zh]
title    = "短时间内连续拨打"
message  = "{first_at} 至 {last_at} 向同一号码连续拨打 {calls} 次，相邻两次间隔不超过 {gap_minutes} 分钟；{instrument}以 {min_calls} 次及以上计为一组连拨"
limits   = "比较的是各次拨打的开始时刻；没有具体时刻的记录不计入。"
*/
WITH near AS (
    -- moments of an account at most the longest pause apart; only these few are looked at closely
    SELECT account, unnest([previous, at_local]) AS at_local
    FROM (
        SELECT account, at_local, lag(at_local) OVER (PARTITION BY account ORDER BY at_local) AS previous
        FROM contacts SEMI JOIN redial_bursts USING (channel, to_role)
        WHERE from_role = 'collector' AND at_time IS NOT NULL
    )
    WHERE at_local <= previous + (SELECT to_minutes(max(gap_minutes)) FROM redial_bursts)
),
close AS (
    SELECT account, to_number, coalesce(agency, lender, from_number, '') AS caller, channel, to_role, on_date, event_id, at_local
    FROM contacts SEMI JOIN near USING (account, at_local)
    WHERE from_role = 'collector' AND at_time IS NOT NULL
),
calls AS (
    SELECT provision_id, gap_minutes, min_calls, account, to_number, caller, event_id, at_local,
        lag(at_local) OVER (PARTITION BY provision_id, account, to_number, caller ORDER BY at_local, event_id) AS previous
    FROM close JOIN redial_bursts USING (channel, to_role)
    WHERE on_date >= in_force_from AND on_date < in_force_until
),
runs AS (
    -- a run is numbered by the pauses before it
    SELECT *, count(*) FILTER (at_local > previous + to_minutes(gap_minutes)) OVER (
        PARTITION BY provision_id, account, to_number, caller ORDER BY at_local, event_id) AS run
    FROM calls
)
SELECT provision_id, account, list(event_id ORDER BY at_local, event_id) AS event_ids,
    event_ids[min_calls] AS event_id, to_number, count(*) AS calls, gap_minutes, min_calls,
    min(at_local) AS first_at, max(at_local) AS last_at
FROM runs
GROUP BY provision_id, account, to_number, caller, run, gap_minutes, min_calls
HAVING count(*) >= min_calls
