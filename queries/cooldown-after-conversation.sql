/*
id       = "cooldown-after-conversation"
severity = "medium"
[en]
title    = "Call soon after a conversation"
message  = "{channel} on {on_date}, after a conversation on {spoke_on}; {instrument} names {days} calendar days without a call, the day of the conversation being the first"
limits   = "A conversation is a connected call; what was said is not looked at. Callers are told apart by agency, else by lender, else by number."
[zh]
title    = "通话后的间隔期内再次拨打"
message  = "{spoke_on}已通话，{on_date}又有{channel}；{instrument}载明通话当日起 {days} 个自然日内不再拨打"
limits   = "接通即视为通话，不看通话内容。催收方依次按委外机构、债权方、号码区分。"
*/
WITH calls AS (
    SELECT provision_id, c.account, c.event_id, channel, to_role, on_date, at_time, days,
        -- the latest conversation before this call
        lag(CASE WHEN connected THEN on_date END IGNORE NULLS) OVER (
            PARTITION BY provision_id, c.account, CASE per WHEN 'number' THEN to_number ELSE to_role END,
                coalesce(agency, lender, from_number, '')
            ORDER BY at_local, c.event_id) AS spoke_on
    FROM contacts c
    JOIN cooldowns t USING (channel, to_role)
    ANTI JOIN declared d ON d.event_id = c.event_id AND d.fact = t.waiver
    WHERE from_role = 'collector'
        AND on_date >= in_force_from AND on_date < in_force_until
)
SELECT provision_id, account, event_id, channel, to_role, on_date, at_time, spoke_on, days
FROM calls
WHERE on_date < spoke_on + days
