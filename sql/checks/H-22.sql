-- Cases whose reference begins with the code of an authority that is not part of the case's authority.
-- Key: case_ref
select
    case_facts.case_ref,
    null::varchar as record_key,
    left(case_facts.case_ref, 9) as shown,
from case_facts
left join authority as theirs on left(case_facts.case_ref, 9) = theirs.code
left join authority as ours on case_facts.la_code = ours.code
where
    left(case_facts.case_ref, 9) <> case_facts.la_code
    and coalesce(theirs.active_code, left(case_facts.case_ref, 9)) <> coalesce(ours.active_code, case_facts.la_code)
