-- Priority need 16 or 17 of main applicants of another age on the day of the decision.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    pneed as shown,
from cases
where pneed = 'young_16_17' and applicant_age_at_decision not between 16 and 17
