-- One row per open case without recorded activity for the option quiet_days or more, or with none recorded at all.
-- Key: case_ref
-- Title: Worklist: open cases without recent activity
-- Edition: internal
select
    case_open_list.case_ref,
    case_open_list.officer,
    case_open_list.team,
    case_open_list.stage,
    case_open_list.age_days,
    case_open_list.last_activity_date,
    case_open_list.quiet_days,
    case_open_list.is_in_ta,
from case_open_list
cross join metric_option
where coalesce(case_open_list.quiet_days >= metric_option.quiet_days, true)
order by case_open_list.quiet_days desc nulls first, case_open_list.case_ref asc
