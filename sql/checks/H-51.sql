-- Cases owed a duty without any row of support needs.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    null::varchar as shown,
from cases
where is_duty_owed and count_need_rows = 0
