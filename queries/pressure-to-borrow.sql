/*
id       = "pressure-to-borrow"
severity = "medium"
needs    = ["banned_conduct.conduct=T16"]
[en]
title    = "Wording listed as telling the debtor to borrow or sell in order to pay"
message  = "{channel} on {on_date} contains wording listed as telling the debtor to borrow or sell in order to pay: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Whether anything was borrowed is not seen."
[zh]
title    = "列为让对方借新还旧或变卖筹款的措辞"
message  = "{on_date}的{channel}含有列为让对方借新还旧或变卖筹款的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。对方是否因此借款，本规则看不到。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'pressure.induce_borrowing'
    AND on_date >= in_force_from AND on_date < in_force_until
