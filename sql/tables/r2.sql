-- One row per cell and household behind it.
-- Key: cell, reference
select
    accommodation as cell,
    case_ref as reference
from base_relief_ended
where is_secured
