-- Cases whose reference names other people than in the earlier run.
-- Key: case_ref
select
    case_ref,
    'people' as section,
    null::varchar as record_key,
    'case_ref' as fields,
    null::varchar as shown,
    null::varchar as what
from before.other_people
