-- Acceptances with relief still open.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    main_decision as shown,
from cases
where is_accepted and has_relief and relief_end is null
