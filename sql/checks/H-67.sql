-- Cases assessed as owed prevention without a prevention duty.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    assess1 as shown,
from cases
where is_prevention_owed and not has_prevention
