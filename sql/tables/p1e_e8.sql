-- One row per cell and household behind it.
-- Key: cell, reference
-- No field says that a household was accepted before; a history of repeat homelessness is the nearest there is.
select
    if(repeats.case_ref is null, 'first', 'repeat') as cell,
    base_decided.case_ref as reference
from base_decided
left join support_needs as repeats
    on base_decided.case_ref = repeats.case_ref and repeats.support_need = 'repeat_homeless'
where base_decided.decision = 'accepted'
