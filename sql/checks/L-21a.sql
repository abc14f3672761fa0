-- Prevention duties of applicants who are not eligible, save those ended for that reason.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    eligibility as shown,
from case_facts
where
    has_prevention
    and (eligibility = 'ineligible' or assess1 = 'not_eligible')
    and coalesce(prevention_outcome, '') <> 'ineligible'
