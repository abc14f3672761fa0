-- Relief ended by 56 days without a decision.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    relief_outcome as shown,
from case_facts
where relief_outcome = 'elapsed_56' and not has_decision
