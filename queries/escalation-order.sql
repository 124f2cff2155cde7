/*
id       = "escalation-order"
severity = "low"
[en]
title    = "A later step before an earlier one"
message  = "First {channel} of step {step} on {on_date}; no contact of an earlier step of the order in {instrument} is on record before it"
limits   = "Earlier contacts may be missing from the exports; a person has to look at it."
[zh]
title    = "先后次序与所载不一致"
message  = "{on_date}首次出现第 {step} 步的{channel}；按{instrument}所载次序，此前未见更早步骤的联系记录"
limits   = "更早的联系可能不在导出记录里，需要人工核对。"
*/
WITH first_of_kind AS (
    -- in one account and from one lender; also from before the order was stated
    SELECT account, lender, channel, agency IS NOT NULL AS through_agency, min({'at': at_local, 'id': event_id}) AS first
    FROM contacts
    WHERE from_role = 'collector' AND to_role IS NOT NULL
    GROUP BY ALL
),
steps AS (
    SELECT provision_id, in_force_from, in_force_until, account, lender, step, min(first) AS first
    FROM first_of_kind
    JOIN escalation_steps USING (channel)
    WHERE by_agency IS NULL OR by_agency = through_agency
    GROUP BY ALL
),
ordered AS (
    SELECT *, min(first) OVER (PARTITION BY provision_id, account, lender ORDER BY step
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS lower
    FROM steps
)
SELECT o.provision_id, o.account, c.event_id, 'review' AS tier, o.step, c.channel, c.to_role, c.on_date, c.at_time
FROM ordered o
SEMI JOIN escalation_steps s ON s.provision_id = o.provision_id AND s.step < o.step
JOIN contacts c ON c.event_id = o.first.id
WHERE c.on_date >= o.in_force_from AND c.on_date < o.in_force_until
    AND (lower IS NULL OR lower > o.first)
