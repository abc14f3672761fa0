-- Cases assessed as owed relief without a relief duty.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    assess1 as shown,
from cases
where is_relief_owed and not has_relief
