/*
id       = "visit-too-early"
severity = "low"
needs    = ["visit_terms.min_prior_contacts"]
[en]
title    = "Visit after few earlier contacts"
message  = "{channel} to {to_role} on {on_date}, after {prior_contacts} earlier contacts on record; {instrument} places it after {min_prior_contacts} or more"
limits   = "Earlier contacts may be missing from the exports; a person has to look at it."
[zh]
title    = "此前联系较少即上门"
message  = "{on_date}对{to_role}的{channel}，此前有记录的联系 {prior_contacts} 次；按{instrument}，应在至少 {min_prior_contacts} 次联系之后"
limits   = "更早的联系可能不在导出记录里，需要人工核对。"
*/
WITH visited AS (SELECT DISTINCT account FROM contacts WHERE channel = 'visit' AND from_role = 'collector'),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY account ORDER BY at_local, event_id) - 1 AS prior_contacts
    FROM contacts
    SEMI JOIN visited USING (account)
    WHERE from_role = 'collector'
)
SELECT provision_id, account, event_id, 'review' AS tier, channel, to_role, on_date, at_time,
    prior_contacts, min_prior_contacts
FROM numbered
JOIN visit_terms USING (to_role)
WHERE channel = 'visit' AND prior_contacts < min_prior_contacts
    AND on_date >= in_force_from AND on_date < in_force_until
