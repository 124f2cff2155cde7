/*
id       = "third-party-contact"
severity = "high"
[en]
title    = "Contact with somebody other than the debtor"
message  = "{channel} to {to_role} on {on_date}; conditions for it in {instrument}: {allowed_if}; nothing of the kind is declared for that day"
limits   = "Rests on who each number belongs to. Attempts that nobody answered are included. A condition that held but was not declared is not seen."
[zh]
title    = "联系债务人以外的人"
message  = "{on_date}向{to_role}发起的{channel}；{instrument}可联系的条件：{allowed_if}；当日未见此类声明"
limits   = "以号码的身份标注为准；无人接听的拨打也包括在内。条件实际成立但未作声明的，本规则看不到。"
*/
WITH terms AS (
    SELECT provision_id, in_force_from, in_force_until, channel, to_role,
        coalesce(list(allowed_if ORDER BY allowed_if) FILTER (allowed_if IS NOT NULL), []) AS allowed_if
    FROM third_party_terms
    WHERE max_contacts IS NULL AND min_days_past_due IS NULL
    GROUP BY ALL
),
permitted AS (
    SELECT d.event_id, t.provision_id
    FROM declared d
    JOIN third_party_terms t ON t.allowed_if = d.fact AND t.channel = d.channel AND t.to_role = d.to_role
    WHERE t.max_contacts IS NULL AND t.min_days_past_due IS NULL
)
SELECT t.provision_id, account, c.event_id, channel, to_role, to_number, on_date, at_time, outcome, t.allowed_if
FROM contacts c
JOIN terms t USING (channel, to_role)
ANTI JOIN permitted p ON p.event_id = c.event_id AND p.provision_id = t.provision_id
WHERE from_role = 'collector'
    AND on_date >= in_force_from AND on_date < in_force_until
