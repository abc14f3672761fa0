-- Accepted referrals of households that fled domestic abuse.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    reasonloss as shown,
from case_facts
where
    relief_outcome = 'local_connection'
    and (coalesce(reasonloss in ('da', 'da_victim'), false) or has_domestic_abuse_need)
