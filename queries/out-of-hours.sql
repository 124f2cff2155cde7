/*
id       = "out-of-hours"
severity = "medium"
[en]
title    = "Contact outside the stated hours"
message  = "{channel} at {at_time} on {on_date}; hours that apply under {instrument}: {opens} to {closes}"
limits   = "Looks at when a contact began, not at how long it lasted. A contact without a time of day is not judged."
[zh]
title    = "规定时段以外的联系"
message  = "{on_date} {at_time} 的{channel}；依{instrument}，适用的联系时段为 {opens} 至 {closes}"
limits   = "只看联系的开始时刻，不看持续到何时；没有具体时刻的记录不作判断。"
*/
WITH outside AS (
    -- outside the hours of the text, on a day for which nobody declared what lifts or replaces them
    SELECT provision_id, account, c.event_id, channel, to_role, on_date, at_time, opens, closes, false AS agreed
    FROM contacts c
    JOIN contact_hours h USING (channel, weekday, to_role)
    ANTI JOIN declared d ON d.event_id = c.event_id AND d.fact = h.waiver
    WHERE from_role = 'collector'
        AND on_date >= in_force_from AND on_date < in_force_until
        AND (at_time < opens OR at_time > closes OR (at_time = closes AND NOT closes_inclusive))
),
agreed AS (
    -- outside every window agreed on for that day; one agreed on without a window lifts the hours
    SELECT provision_id, d.account, d.event_id, channel, to_role, on_date, at_time,
        min(d.opens) AS opens, min(d.closes) AS closes, true AS agreed
    FROM declared d
    JOIN contact_hours h USING (channel, to_role)
    WHERE from_role = 'collector' AND d.fact = h.waiver AND h.weekday = isodow(on_date)
        AND on_date >= in_force_from AND on_date < in_force_until
    GROUP BY ALL
    HAVING bool_and(coalesce(CASE WHEN d.opens <= d.closes THEN at_time < d.opens OR at_time >= d.closes
                                  ELSE at_time < d.opens AND at_time >= d.closes END, false))
)
SELECT * FROM outside
UNION ALL
SELECT * FROM agreed
