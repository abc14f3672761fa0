-- Relief that does not start on the day prevention ended homeless.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    relief_start::varchar as shown,
from cases
where prevention_goes_on_to = 'relief' and relief_start <> prevention_end
