-- Decisions after an end of prevention that closes the case, with no relief between.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    prevention_outcome as shown,
from cases
where
    prevention_outcome is not null
    and prevention_may_go_on_to is null
    and has_decision
