-- One row per cell and household behind it.
-- Key: cell, reference
select
    age_band as cell,
    case_ref as reference
from base_owed
