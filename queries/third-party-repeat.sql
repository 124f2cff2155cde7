/*
id       = "third-party-repeat"
severity = "medium"
needs    = ["third_party_terms.max_contacts"]
[en]
title    = "Repeated contact with somebody other than the debtor"
message  = "{counted} contacts with {to_role} ({to_number}) from {first_day} to {last_day}; {instrument} names at most {max_contacts}"
limits   = "Counts connected calls and messages that were not reported as undelivered; unanswered calls are left out."
[zh]
title    = "多次联系债务人以外的同一人"
message  = "{first_day} 至 {last_day} 与{to_role}（{to_number}）联系 {counted} 次；{instrument}载明最多 {max_contacts} 次"
limits   = "只计接通的电话和未显示送达失败的信息；未接通的拨打不计入。"
*/
WITH reached AS (
    SELECT provision_id, max_contacts, account, to_number, to_role, event_id, at_local, on_date
    FROM contacts
    JOIN third_party_terms USING (channel, to_role)
    WHERE from_role = 'collector' AND max_contacts IS NOT NULL
        AND on_date >= in_force_from AND on_date < in_force_until
        AND (connected OR (channel <> 'call' AND outcome IS DISTINCT FROM 'undelivered'))
)
SELECT provision_id, account, list(event_id ORDER BY at_local, event_id) AS event_ids,
    event_ids[max_contacts + 1] AS event_id, to_role, to_number, count(*) AS counted, max_contacts,
    min(on_date) AS first_day, max(on_date) AS last_day
FROM reached
GROUP BY provision_id, max_contacts, account, to_number, to_role
HAVING count(*) > max_contacts
