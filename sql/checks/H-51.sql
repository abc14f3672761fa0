-- Cases owed a duty without any row of support needs.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    null::varchar as shown,
from case_facts
where is_duty_owed and count_support_needs = 0
