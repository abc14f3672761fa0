-- One row per cell and household behind it.
-- Key: cell, reference
select
    reason as cell,
    case_ref as reference
from base_owed
where duty_at_assessment = 'relief'
