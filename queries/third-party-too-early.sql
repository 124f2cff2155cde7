/*
id       = "third-party-too-early"
severity = "medium"
needs    = ["third_party_terms.min_days_past_due", "contacts.days_past_due or case_facts.fact=due"]
[en]
title    = "Contact with somebody other than the debtor before the stated day"
message  = "{channel} to {to_role} on {on_date}, {days_overdue} days past due; {instrument} names more than {min_days_past_due} days"
limits   = "Needs the days past due from the export or a declared due date; without either the contact is not judged."
[zh]
title    = "早于所载天数联系债务人以外的人"
message  = "{on_date}向{to_role}发起的{channel}，当日逾期 {days_overdue} 天；{instrument}载明须逾期超过 {min_days_past_due} 天"
limits   = "需要导出记录中的逾期天数或已声明的到期日；两者皆无时不作判断。"
*/
WITH due AS (
    -- the earliest declared due date: the debtor's debt is then at its oldest
    SELECT account, min(CAST(from_at AS DATE)) AS due_on
    FROM case_facts
    WHERE fact = 'due'
    GROUP BY account
),
overdue AS (
    SELECT c.*, coalesce(c.days_past_due, c.on_date - least(own.due_on, anywhere.due_on)) AS days_overdue
    FROM contacts c
    LEFT JOIN due own ON own.account = c.account
    LEFT JOIN (SELECT due_on FROM due WHERE account IS NULL) anywhere ON true
)
SELECT provision_id, account, event_id, channel, to_role, to_number, on_date, at_time, days_overdue, min_days_past_due
FROM overdue
JOIN third_party_terms USING (channel, to_role)
WHERE from_role = 'collector'
    AND on_date >= in_force_from AND on_date < in_force_until
    AND days_overdue <= min_days_past_due
