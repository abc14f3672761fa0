-- Relief duties that start before the application.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    relief_start::varchar as shown,
from cases
where relief_start < application_date
