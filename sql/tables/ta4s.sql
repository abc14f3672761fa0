-- One row per cell and household behind it.
-- Key: cell, reference
-- A household whose composition is not known is in neither this table nor TA4c.
select
    ta_type || '.' || band as cell,
    case_ref as reference
from base_in_ta
where
    not is_own_arrangements
    and not has_children
    and household_type <> 'nk'
