-- Cases closed on another day than their last ending, or closed while a duty is open.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    closed_date::varchar as shown,
from cases
where
    closed_date is not null
    and assess1 is not null
    and closed_date is distinct from case_closed_date
