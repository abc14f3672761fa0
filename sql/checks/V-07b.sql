-- Priority need 16 or 17 of main applicants of another age.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    pneed as shown,
from case_facts
where pneed = 'young_16_17' and applicant_age not between 16 and 17
