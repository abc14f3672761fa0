-- One row per case, day and change of stage within the quarter, the newest day first.
-- Key: case_ref, day, to_stage
-- Title: Daily list of changes of stage in the quarter
-- Edition: internal
with changes as (
    select
        case_states.day,
        case_states.case_ref,
        coalesce(case_states.previous_state, 'new') as from_stage,
        case_states.state as to_stage,
        coalesce(case_states.previous_state = 'prevention' and case_states.state = 'relief', false)
            as is_prevention_to_relief,
        households.officer,
        households.team,
    from case_states
    inner join households on case_states.case_ref = households.case_ref
    inner join reporting_period on case_states.day between reporting_period.first_day and reporting_period.last_day
    where coalesce(case_states.previous_state, 'new') <> case_states.state
)

select * from changes
order by day desc, case_ref asc, to_stage asc
