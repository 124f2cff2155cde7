/*
id       = "channel-outside-statement"
severity = "low"
[en]
title    = "A channel the statement does not name"
message  = "{channel} on {on_date}; {instrument} names {channels}"
limits   = "Says only that the channel is not among those named, not that it was ruled out."
[zh]
title    = "使用了声明中未列出的渠道"
message  = "{on_date}的{channel}；{instrument}所列渠道为 {channels}"
limits   = "只说明该渠道不在所列之中，并不表示声明排除了它。"
*/
WITH named AS (
    SELECT provision_id, in_force_from, in_force_until, list(channel ORDER BY channel) AS channels
    FROM permitted_channels
    GROUP BY ALL
),
unnamed AS (
    SELECT channel, named.*
    FROM (SELECT DISTINCT channel FROM contacts) CROSS JOIN named
    WHERE NOT list_contains(channels, channel)
)
SELECT provision_id, account, event_id, channel, to_role, on_date, at_time, channels
FROM contacts
JOIN unnamed USING (channel)
WHERE from_role = 'collector' AND to_role IS NOT NULL
    AND on_date >= in_force_from AND on_date < in_force_until
