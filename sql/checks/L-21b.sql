-- Relief duties of applicants who are not eligible and did not lose eligibility later.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    eligibility as shown,
from case_facts
where
    has_relief
    and (eligibility = 'ineligible' or assess1 = 'not_eligible')
    and not is_eligibility_lost_later
