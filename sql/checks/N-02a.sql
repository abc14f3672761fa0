-- Relief after an end of prevention that closes the case.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    prevention_outcome as shown,
from case_facts
where prevention_outcome not in ('homeless', 'refused_accom', 'refused_coop') and has_relief
