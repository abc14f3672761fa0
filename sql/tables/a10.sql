-- One row per cell and household behind it.
-- Key: cell, reference
select
    coalesce(employment_applicant, 'nk') as cell,
    case_ref as reference
from base_owed
