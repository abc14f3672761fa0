-- One row per cell and household behind it.
-- Key: cell, reference
select
    coalesce(duties.outcome, 'nk') as cell,
    duties.case_ref as reference
from duties
cross join reporting_period
where
    duties.duty = 'main'
    and duties.end_date between reporting_period.first_day and reporting_period.last_day
