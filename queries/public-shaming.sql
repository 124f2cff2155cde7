/*
id       = "public-shaming"
severity = "high"
needs    = ["banned_conduct.conduct=T13"]
[en]
title    = "Wording listed as publishing or posting about the debtor"
message  = "{channel} on {on_date} contains wording listed as publishing or posting about the debtor: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Whether anything was published is not seen."
[zh]
title    = "列为曝光、张贴或群发的措辞"
message  = "{on_date}的{channel}含有列为曝光、张贴或群发的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。是否真的公开、张贴，本规则看不到。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'shame.public'
    AND on_date >= in_force_from AND on_date < in_force_until
