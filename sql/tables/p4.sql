-- One row per cell and household behind it.
-- Key: cell, reference
select
    destination as cell,
    case_ref as reference
from base_prevention_ended
where outcome = 'secured_alternative'
