-- One row per cell and household behind it.
-- Key: cell, reference
select
    activity as cell,
    case_ref as reference
from base_prevention_ended
where is_secured
