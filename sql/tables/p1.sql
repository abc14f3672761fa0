-- One row per cell and household behind it.
-- Key: cell, reference
select
    outcome as cell,
    case_ref as reference
from base_prevention_ended
