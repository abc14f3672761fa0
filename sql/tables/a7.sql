-- One row per cell and household behind it.
-- Key: cell, reference
-- Whatever came of the assessment: a household referred and then owed nothing is counted.
select
    if(referral = 'dtr', 'dtr.' || coalesce(referral_body, 'dtr_body_nk'), referral) as cell,
    case_ref as reference
from base_assessed
where referral <> 'no'
