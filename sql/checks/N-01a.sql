-- Prevention ended homeless without a relief duty.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    prevention_outcome as shown,
from cases
where prevention_goes_on_to = 'relief' and not has_relief
