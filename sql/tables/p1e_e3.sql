-- One row per cell and household behind it.
-- Key: cell, reference
select
    coalesce(households.reasonloss, 'nk') as cell,
    base_decided.case_ref as reference
from base_decided
inner join households on base_decided.case_ref = households.case_ref
where base_decided.decision = 'accepted'
