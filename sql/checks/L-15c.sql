-- Accepted referrals of households that fled domestic abuse.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    reasonloss as shown,
from cases
where
    relief_outcome = 'local_connection'
    and (is_loss_by_domestic_abuse or has_domestic_abuse_need)
