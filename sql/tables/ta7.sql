-- One row per cell and household behind it, with its days in temporary accommodation.
-- Key: cell, reference
select
    ta_type as cell,
    case_ref as reference,
    days
from base_in_ta
