-- Referrals of households with a victim of domestic abuse.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    reasonloss as shown,
from cases
where
    is_referred_on
    and (is_domestic_abuse_victim or has_domestic_abuse_victim_need)
