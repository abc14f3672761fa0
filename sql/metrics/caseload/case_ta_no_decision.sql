-- One row per household in temporary accommodation on the window's last day whose case has no main duty decision.
-- Key: case_ref
-- Title: Worklist: households in temporary accommodation without a main duty decision
-- Edition: internal
with open_placements as (
    select
        placements.case_ref,
        any_value(placements.taduty order by placements.entry_date desc, placements.placement_no desc) as taduty,
    from placements
    inner join metric_window
        on
            placements.entry_date <= metric_window.last_day
            and coalesce(placements.exit_date > metric_window.last_day, true)
    where not placements.is_own_arrangements
    group by placements.case_ref
),

in_ta as (
    select
        stays.case_ref,
        max(stays.entry_date) as stay_entry_date,
    from stays
    inner join metric_window
        on
            stays.entry_date <= metric_window.last_day
            and coalesce(stays.exit_date > metric_window.last_day, true)
    group by stays.case_ref
),

decided as (
    select decisions.case_ref
    from decisions
    inner join metric_window on decisions.decision_date <= metric_window.last_day
)

select
    in_ta.case_ref,
    households.officer,
    households.team,
    coalesce(
        case_open_list.stage, if(households.stage in ('closed', 'no duty'), households.stage, 'not open')
    ) as stage,
    open_placements.taduty,
    in_ta.stay_entry_date,
    metric_window.last_day - in_ta.stay_entry_date as days_in_ta,
    relief.start_date as relief_start,
    metric_window.last_day - relief.start_date + 1 as relief_day_no,
    households.is_legacy,
from in_ta
cross join metric_window
anti join decided on in_ta.case_ref = decided.case_ref
left join open_placements on in_ta.case_ref = open_placements.case_ref
left join households on in_ta.case_ref = households.case_ref
left join case_open_list on in_ta.case_ref = case_open_list.case_ref
left join duties as relief on in_ta.case_ref = relief.case_ref and relief.duty = 'relief'
order by days_in_ta desc, in_ta.case_ref asc
