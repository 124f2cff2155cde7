/*
id       = "coercive-visit"
severity = "high"
needs    = ["banned_conduct.conduct=T03 or banned_conduct.conduct=T14 or banned_conduct.conduct=T20"]
[en]
title    = "Wording listed as pressure by a visit"
message  = "{channel} on {on_date} contains wording listed as pressure by a visit: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Whether somebody came, and whether a visit had been agreed on, is not seen."
[zh]
title    = "列为以上门施压的措辞"
message  = "{on_date}的{channel}含有列为以上门施压的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。是否真的上门、事先是否约定，本规则看不到。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'threat.visit'
    AND on_date >= in_force_from AND on_date < in_force_until
