/*
id       = "impersonation"
severity = "high"
needs    = ["banned_conduct.conduct=T07 or banned_conduct.conduct=T08"]
[en]
title    = "Wording listed as speaking in the name of an authority, a court or a lawyer"
message  = "{channel} on {on_date} contains wording listed as speaking in the name of an authority, a court or a lawyer: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Whether the speaker belongs to that body is not known here."
[zh]
title    = "列为以公检法、政府机构或律师名义发言的措辞"
message  = "{on_date}的{channel}含有列为以公检法、政府机构或律师名义发言的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。说话人是否确属该机构，本规则无从得知。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'impersonate.authority'
    AND on_date >= in_force_from AND on_date < in_force_until
