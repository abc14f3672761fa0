-- One row per case open on the metric window's last day.
-- Key: case_ref
-- Title: Open cases: age, stage, last activity
-- Edition: internal
with in_ta as (
    select
        stays.case_ref,
        min(stays.entry_date) as stay_entry_date,
    from stays
    inner join metric_window
        on
            stays.entry_date <= metric_window.last_day
            and coalesce(stays.exit_date > metric_window.last_day, true)
    group by stays.case_ref
),

open_cases as (
    select
        case_spells.case_ref,
        case_spells.stage,
        case_spells.team,
        case_spells.officer,
        households.application_date,
        metric_window.last_day,
        households.last_activity_date,
        households.php_date,
        households.assess1,
        in_ta.stay_entry_date,
    from case_spells
    inner join metric_window
        on
            case_spells.from_date <= metric_window.last_day
            and coalesce(case_spells.to_date > metric_window.last_day, true)
    inner join households on case_spells.case_ref = households.case_ref
    left join in_ta on case_spells.case_ref = in_ta.case_ref
),

-- The stage began with the state, not with the officer who holds the case now.
began as (
    select
        case_states.case_ref,
        max(case_states.day) as stage_since,
    from case_states
    inner join metric_window on case_states.day <= metric_window.last_day
    where coalesce(case_states.previous_state <> case_states.state, true)
    group by case_states.case_ref
)

select
    open_cases.case_ref,
    open_cases.officer,
    open_cases.team,
    open_cases.stage,
    open_cases.application_date,
    open_cases.last_day - open_cases.application_date as age_days,
    began.stage_since,
    open_cases.last_day - began.stage_since as days_in_stage,
    open_cases.last_activity_date,
    open_cases.last_day - open_cases.last_activity_date as quiet_days,
    open_cases.php_date is not null as has_plan,
    open_cases.stay_entry_date is not null as is_in_ta,
    open_cases.last_day - open_cases.stay_entry_date as days_in_ta,
from open_cases
left join began on open_cases.case_ref = began.case_ref
order by open_cases.case_ref
