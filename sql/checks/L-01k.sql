-- Main duty decisions dated before the assessment.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    main_decision_date::varchar as shown,
from cases
where main_decision_date < assess_date
