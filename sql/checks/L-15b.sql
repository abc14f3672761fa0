-- Referrals of households with a local connection here.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    local_connection as shown,
from cases
where
    is_referred_on
    and has_local_connection_here
