-- Acceptances dated before the end of relief.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    main_decision_date::varchar as shown,
from cases
where is_accepted and main_decision_date < relief_end
