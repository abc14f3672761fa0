-- One row per cell and household behind it.
-- Key: cell, reference
-- Decisions about eligible households only: the other codes end the case otherwise.
select
    decision as cell,
    case_ref as reference
from base_decided
where is_in_md1
