/*
id       = "false-legal-threat"
severity = "high"
needs    = ["banned_conduct.conduct=T09 or banned_conduct.conduct=T10 or banned_conduct.conduct=T11"]
[en]
title    = "Wording listed as announcing arrest, charges or steps of a court"
message  = "{channel} on {on_date} contains wording listed as announcing arrest, charges or steps of a court: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Whether such a step was taken is not known here; where it decides, the finding is for review and names what to find out."
[zh]
title    = "列为以抓捕、刑责或诉讼程序施压的措辞"
message  = "{on_date}的{channel}含有列为以抓捕、刑责或诉讼程序施压的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。相关程序是否确已启动，本规则无从得知；取决于此的，一律交人工查看，并列出待核实事项。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'legal.false_threat'
    AND on_date >= in_force_from AND on_date < in_force_until
