-- Decisions after an end of relief that needs none; a refusal, non-co-operation or intentionality may have one.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    relief_outcome as shown,
from cases
where
    has_decision
    and not is_legacy
    and relief_outcome is not null
    and relief_may_go_on_to is null
