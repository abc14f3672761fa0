-- Prevention duties of cases not assessed as threatened with homelessness.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    assess1 as shown,
from cases
where has_prevention and not is_prevention_owed
