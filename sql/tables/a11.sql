-- One row per cell and household behind it.
-- Key: cell, reference
select
    coalesce(eligibility, 'nk') as cell,
    case_ref as reference
from base_owed
