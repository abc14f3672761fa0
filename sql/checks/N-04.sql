-- Decisions without a relief duty, legacy cases excepted.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    main_decision as shown,
from cases
where has_decision and not has_relief and not is_legacy
