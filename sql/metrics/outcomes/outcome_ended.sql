-- One row per case and duty that has ended by the window's last day, with the group of its outcome.
-- Key: case_ref, duty
select
    duties.case_ref,
    duties.duty,
    duties.start_date,
    duties.end_date,
    duties.outcome,
    duties.accommodation,
    coalesce(outcome_group.outcome_group, 'not known') as outcome_group,
from duties
inner join metric_window on duties.end_date <= metric_window.last_day
left join outcome_group on duties.duty = outcome_group.duty and duties.outcome = outcome_group.outcome
