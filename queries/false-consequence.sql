/*
id       = "false-consequence"
severity = "medium"
needs    = ["banned_conduct.conduct=T15 or banned_conduct.conduct=T17"]
[en]
title    = "Wording listed as announcing far-reaching consequences"
message  = "{channel} on {on_date} contains wording listed as announcing far-reaching consequences: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. What the contract and the law provide for is not known here; where it decides, the finding is for review and names what to find out."
[zh]
title    = "列为宣称影响子女、工作、出行等后果的措辞"
message  = "{on_date}的{channel}含有列为宣称影响子女、工作、出行等后果的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。合同与法律实际如何规定，本规则无从得知；取决于此的，一律交人工查看，并列出待核实事项。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'legal.false_consequence'
    AND on_date >= in_force_from AND on_date < in_force_until
