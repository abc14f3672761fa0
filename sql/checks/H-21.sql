-- Cases of an authority that is neither the return's nor one that it replaced.
-- Key: case_ref
select
    case_facts.case_ref,
    null::varchar as record_key,
    case_facts.la_code as shown,
from case_facts
cross join period
left join authority as theirs on case_facts.la_code = theirs.code
left join authority as ours on period.authority = ours.code
where
    case_facts.la_code <> period.authority
    and coalesce(theirs.active_code, case_facts.la_code) <> coalesce(ours.active_code, period.authority)
