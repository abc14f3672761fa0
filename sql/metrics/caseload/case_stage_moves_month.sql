-- One row per month of the metric window and pair of stages: cases that moved from the one to the other.
-- Key: first_day, from_stage, to_stage
-- Title: Moves of cases from stage to stage each month
with moves as (
    select
        date_trunc('month', case_states.day)::date as first_day,
        coalesce(case_states.previous_state, 'new') as from_stage,
        case_states.state as to_stage,
        count(*) as count_cases,
    from case_states
    inner join metric_window on case_states.day between metric_window.first_day and metric_window.last_day
    where coalesce(case_states.previous_state, 'new') <> case_states.state
    group by all
)

select * from moves
order by first_day, from_stage, to_stage
