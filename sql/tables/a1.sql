-- One row per cell and household behind it.
-- Key: cell, reference
select
    assess1 as cell,
    case_ref as reference
from base_assessed
