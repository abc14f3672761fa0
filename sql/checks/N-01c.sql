-- Prevention ended homeless by the quarter's last day, with relief dated after it: the return would hold no relief.
-- Key: case_ref
select
    cases.case_ref,
    null::varchar as record_key,
    cases.relief_start::varchar as shown,
from cases
cross join reporting_period
where
    cases.prevention_goes_on_to = 'relief'
    and cases.prevention_end <= reporting_period.last_day
    and cases.relief_start > reporting_period.last_day
