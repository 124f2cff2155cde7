/*
id       = "contact-frequency"
severity = "medium"
[en]
title    = "More contacts than the stated number"
message  = "Counted ({unit}): {counted} within {days} calendar day(s) up to {on_date}; {instrument} names at most {max_count}"
limits   = "Counts what the exports show. Callers are told apart by agency, else by lender, else by number, so calls of one collector from several unlabelled numbers are not added up."
[zh]
title    = "联系次数超过所载上限"
message  = "截至{on_date}的 {days} 个自然日内共 {counted} 次（{unit}）；{instrument}载明不超过 {max_count} 次"
limits   = "只统计导出记录中出现的联系。催收方依次按委外机构、债权方、号码区分；同一催收方使用多个未标注的号码时，次数不会合并。"
*/
WITH crowded AS (
    -- days up to which many contacts, of whatever kind, fall into a day or into some days; the rest need no closer look
    SELECT DISTINCT account, on_date AS last_day, longest
    FROM (
        SELECT account, on_date, longest, lag(on_date, in_a_day) OVER ordered AS same_day,
            lag(on_date, in_some_days) OVER ordered AS earlier
        FROM contacts SEMI JOIN contact_limits USING (channel, to_role)
        CROSS JOIN (
            SELECT max(days) AS longest, min(max_count) FILTER (days = 1) AS in_a_day,
                min(max_count) FILTER (days > 1) AS in_some_days
            FROM contact_limits
        )
        WHERE from_role = 'collector'
        WINDOW ordered AS (PARTITION BY account ORDER BY on_date)
    )
    WHERE on_date = same_day OR on_date < earlier + longest
),
countable AS (
    -- of the contacts there, every one that a limit counts, with the group in which it is counted
    SELECT provision_id, unit, days, max_count, c.account, c.event_id, at_local, on_date,
        CASE per WHEN 'number' THEN to_number ELSE to_role END AS contacted,
        CASE scope WHEN 'lender' THEN coalesce(lender, agency, from_number, '')
                   ELSE coalesce(agency, lender, from_number, '') END AS caller
    FROM contacts c
    SEMI JOIN crowded w ON w.account = c.account AND on_date <= last_day AND on_date > last_day - longest
    JOIN contact_limits l USING (channel, to_role)
    ANTI JOIN declared d ON d.event_id = c.event_id AND d.fact = l.waiver
    WHERE from_role = 'collector'
        AND on_date >= in_force_from AND on_date < in_force_until
        AND CASE unit WHEN 'attempt' THEN true
                      WHEN 'unanswered' THEN outcome = 'unanswered'
                      WHEN 'connected' THEN connected
                      WHEN 'effective' THEN connected AND least_s >= min_seconds END
),
daily AS (
    SELECT provision_id, unit, days, max_count, account, contacted, caller, on_date, count(*) AS today
    FROM countable
    GROUP BY ALL
    HAVING days > 1 OR today > max_count
),
exceeded AS (
    SELECT *, CAST(sum(today) OVER (PARTITION BY provision_id, unit, days, max_count, account, contacted, caller
        ORDER BY on_date RANGE BETWEEN to_days(days - 1) PRECEDING AND CURRENT ROW) AS BIGINT) AS counted
    FROM daily
    QUALIFY counted > max_count
),
listed AS (
    SELECT e.*, min(k.on_date) AS first_day, list(k.event_id ORDER BY k.at_local, k.event_id) AS event_ids
    FROM exceeded e
    JOIN countable k USING (provision_id, unit, days, max_count, account, contacted, caller)
    WHERE k.on_date <= e.on_date AND k.on_date > e.on_date - e.days
    GROUP BY ALL
)
-- those of earlier days stand first in the list; of this day's, the first beyond max_count is the event
SELECT provision_id, account, event_ids[greatest(counted - today, max_count) + 1] AS event_id, event_ids,
    unit, counted, max_count, days, first_day, on_date
FROM listed
