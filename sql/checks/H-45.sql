-- Cases owed a duty without any person.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    assess1 as shown,
from cases
where is_duty_owed and count_people = 0
