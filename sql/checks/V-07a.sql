-- Priority need old age of main applicants under 60.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    pneed as shown,
from case_facts
where pneed = 'old_age' and applicant_age < 60
