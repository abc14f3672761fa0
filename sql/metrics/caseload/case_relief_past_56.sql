-- One row per case whose relief duty started 56 or more days before the window's last day and that has no decision.
-- Key: case_ref
-- Title: Worklist: relief past 56 days without a main duty decision
-- Edition: internal
select
    case_open_list.case_ref,
    case_open_list.officer,
    case_open_list.team,
    case_open_list.stage,
    duties.start_date as relief_start,
    duties.start_date + 56 as day_57,
    metric_window.last_day - duties.start_date + 1 as day_no,
    metric_window.last_day - duties.start_date - 56 as days_past_day_57,
    case_open_list.quiet_days,
    case_open_list.is_in_ta,
from case_open_list
inner join duties on case_open_list.case_ref = duties.case_ref and duties.duty = 'relief'
cross join metric_window
where
    case_open_list.stage in ('relief', 'decision')
    and metric_window.last_day - duties.start_date >= 56
order by days_past_day_57 desc, case_open_list.case_ref asc
