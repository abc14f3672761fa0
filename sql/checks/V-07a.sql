-- Priority need old age of main applicants under 60 on the day of the decision.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    pneed as shown,
from cases
where pneed = 'old_age' and applicant_age_at_decision < 60
