-- Relief ended by 56 days without a decision.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    relief_outcome as shown,
from cases
where relief_goes_on_to = 'decision' and not has_decision
