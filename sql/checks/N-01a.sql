-- Prevention ended homeless without a relief duty.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    prevention_outcome as shown,
from case_facts
where prevention_outcome = 'homeless' and not has_relief
