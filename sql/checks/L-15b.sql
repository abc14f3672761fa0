-- Accepted referrals of households with a local connection here.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    local_connection as shown,
from case_facts
where
    relief_outcome = 'local_connection'
    and local_connection in ('residence', 'employment', 'family', 'special', 'care_leaver')
