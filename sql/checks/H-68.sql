-- Prevention duties that start after the day of the assessment.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    prevention_start::varchar as shown,
from cases
where is_prevention_owed and prevention_start > assess_date
