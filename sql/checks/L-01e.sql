-- Prevention duties that start before the assessment.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    prevention_start::varchar as shown,
from cases
where prevention_start < assess_date
