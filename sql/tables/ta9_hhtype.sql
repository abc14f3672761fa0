-- One row per cell and household behind it.
-- Key: cell, reference
select
    household_type as cell,
    case_ref as reference
from base_in_ta
where is_out_of_district
