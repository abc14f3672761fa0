-- Cases that were open in the earlier run and are gone.
-- Key: case_ref
select
    case_ref,
    'main' as section,
    null::varchar as record_key,
    'case_ref' as fields,
    null::varchar as shown,
    null::varchar as what
from before.gone_cases
where new_case_ref is null
