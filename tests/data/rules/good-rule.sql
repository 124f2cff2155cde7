/*
id       = "good-rule"
severity = "low"
[en]
title    = "Contact at night"
message  = "{channel} at {at_time}"
[zh]
title    = "夜间联系"
message  = "{at_time} 的{channel}"
*/
SELECT provision_id, account, event_id, channel, at_time
FROM contacts
JOIN contact_hours USING (channel, weekday, to_role)
WHERE from_role = 'collector' AND at_time < opens
    AND on_date >= in_force_from AND on_date < in_force_until
