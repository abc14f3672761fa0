-- Cases of an authority that is neither the return's nor one that it replaced.
-- Key: case_ref
select
    cases.case_ref,
    null::varchar as record_key,
    cases.la_code as shown,
from cases
cross join reporting_period
left join codelist_authority as theirs on cases.la_code = theirs.code
left join codelist_authority as ours on reporting_period.la_code = ours.code
where
    cases.la_code <> reporting_period.la_code
    and coalesce(theirs.active_code, cases.la_code) <> coalesce(ours.active_code, reporting_period.la_code)
