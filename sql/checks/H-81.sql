-- Relief duties that neither the assessment nor an ended prevention led to.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    assess1 as shown,
from cases
where has_relief and not is_relief_owed and prevention_end is null
