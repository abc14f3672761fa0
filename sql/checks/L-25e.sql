-- Cases owed a duty without any person.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    assess1 as shown,
from cases
where
    count_people = 0
    and (coalesce(is_duty_owed, false) or has_prevention or has_relief or is_accepted)
