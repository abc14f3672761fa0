-- One row per cell and household behind it.
-- Key: cell, reference
select
    ta_type || '.' || band as cell,
    case_ref as reference
from base_in_ta
where
    not is_own_arrangements
    and has_children
