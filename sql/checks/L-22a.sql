-- Main applicants under 16 on the day of the assessment.
-- Key: case_ref, record_key
select
    case_ref,
    'person_no=' || person_no as record_key,
    null::varchar as shown,
from ages
where relationship = 'main_applicant' and age_at_assessment < 16
