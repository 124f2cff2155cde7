/*
id       = "visit-without-consent"
severity = "high"
needs    = ["visit_terms.requires_fact"]
[en]
title    = "Visit without the stated condition"
message  = "{channel} to {to_role} on {on_date}; {instrument} ties it to {requires_fact}, which is not declared for that day"
limits   = "Knows that a visit took place, not whether a door was passed. Consent that was given but not declared is not seen."
[zh]
title    = "未见所载前提的上门"
message  = "{on_date}对{to_role}的{channel}；{instrument}以“{requires_fact}”为前提，当日未见声明"
limits   = "只知道有上门，不知道是否进入；实际同意但未作声明的，本规则看不到。"
*/
SELECT provision_id, account, c.event_id, channel, to_role, on_date, at_time, requires_fact
FROM contacts c
JOIN visit_terms t USING (to_role)
ANTI JOIN declared d ON d.event_id = c.event_id AND d.fact = t.requires_fact
WHERE from_role = 'collector' AND channel = 'visit' AND requires_fact IS NOT NULL
    AND on_date >= in_force_from AND on_date < in_force_until
