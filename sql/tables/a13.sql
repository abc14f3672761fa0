-- One row per cell and household behind it.
-- Key: cell, reference
select
    coalesce(gender_identity, 'other_nk') as cell,
    case_ref as reference
from base_owed
