-- Main applicants of 16 or 17 on the day of the decision that there is no priority need.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    main_decision as shown,
from cases
where main_decision = 'no_priority_need' and applicant_age_at_decision between 16 and 17
