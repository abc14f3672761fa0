-- Cases with prevention and relief open on the same day; each is open from its start to the day before its end.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    relief_start::varchar as shown,
from case_facts
where
    relief_start < coalesce(prevention_end, '9999-12-31'::date)
    and prevention_start < coalesce(relief_end, '9999-12-31'::date)
