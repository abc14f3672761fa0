-- Acceptances of applicants who are not eligible and did not lose eligibility later.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    eligibility as shown,
from cases
where
    is_accepted
    and is_ineligible
    and not is_eligibility_lost_later
