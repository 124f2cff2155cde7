/*
id       = "after-cease-request"
severity = "high"
needs    = ["stop_terms.fact=cease_request", "case_facts.fact=cease_request"]
[en]
title    = "Contact after a request to stop"
message  = "{channel} to {to_role} on {on_date}; a request to stop is declared since {since}, after which {instrument} provides for no further contact"
limits   = "Rests on the declared date. A date without a time counts from the next day; a declaration without a date is not used. Narrow exceptions, such as a notice of a lawsuit, are not told apart."
[zh]
title    = "要求停止联系后的联系"
message  = "{on_date}向{to_role}发起的{channel}；已声明自{since}起要求停止联系，{instrument}载明此后不再联系"
limits   = "以声明的日期为准：只写日期未写时刻的，从次日起算；没有日期的声明不予采用。法律允许的个别例外（例如告知将起诉）不作区分。"
*/
SELECT provision_id, account, event_id, channel, to_role, to_number, on_date, at_time, min(since) AS since
FROM declared
JOIN stop_terms USING (fact, channel, to_role)
WHERE fact = 'cease_request' AND later AND from_role = 'collector'
    AND on_date >= in_force_from AND on_date < in_force_until
GROUP BY ALL
