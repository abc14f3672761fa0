-- Cases whose reference begins with the code of an authority that is not part of the case's authority.
-- Key: case_ref
select
    cases.case_ref,
    null::varchar as record_key,
    left(cases.case_ref, 9) as shown,
from cases
left join codelist_authority as theirs on left(cases.case_ref, 9) = theirs.code
left join codelist_authority as ours on cases.la_code = ours.code
where
    left(cases.case_ref, 9) <> cases.la_code
    and coalesce(theirs.active_code, left(cases.case_ref, 9)) <> coalesce(ours.active_code, cases.la_code)
