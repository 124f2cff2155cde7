/*
id       = "abusive-language"
severity = "medium"
needs    = ["banned_conduct.conduct=T12 or banned_conduct.conduct=T30"]
[en]
title    = "Wording listed as abuse"
message  = "{channel} on {on_date} contains wording listed as abuse: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Whether it was meant, in what tone and in answer to what, is for a reader."
[zh]
title    = "列为辱骂的措辞"
message  = "{on_date}的{channel}含有列为辱骂的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。是否当真、语气如何、前因后果怎样，需由人判断。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'abuse.insult'
    AND on_date >= in_force_from AND on_date < in_force_until
