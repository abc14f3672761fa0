-- Cases with prevention and relief open on the same day; each is open from its start to the day before its end.
-- Key: case_ref
select
    case_ref,
    null::varchar as record_key,
    relief_start::varchar as shown,
from cases
where
    share_a_day(prevention_start, prevention_end, relief_start, relief_end)
