/*
id       = "after-settlement"
severity = "medium"
needs    = ["stop_terms.fact=settled", "case_facts.fact=settled"]
[en]
title    = "Contact after settlement"
message  = "{channel} to {to_role} on {on_date}; settlement is declared since {since}, after which {instrument} provides for no further contact"
limits   = "Rests on the declared date. A date without a time counts from the next day; a declaration without a date is not used."
[zh]
title    = "结清后的联系"
message  = "{on_date}向{to_role}发起的{channel}；已声明债务于{since}结清，{instrument}载明此后不再联系"
limits   = "以声明的日期为准：只写日期未写时刻的，从次日起算；没有日期的声明不予采用。"
*/
SELECT provision_id, account, event_id, channel, to_role, to_number, on_date, at_time, min(since) AS since
FROM declared
JOIN stop_terms USING (fact, channel, to_role)
WHERE fact = 'settled' AND later AND from_role = 'collector'
    AND on_date >= in_force_from AND on_date < in_force_until
GROUP BY ALL
