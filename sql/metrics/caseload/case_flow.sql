-- One row per day and team: cases that came, came back, closed or moved between stages that day.
-- Key: day, team
with counted as (
    select
        case_states.day,
        coalesce(households.team, 'not recorded') as team,
        sum(if(case_states.previous_state is null, 1, 0))::bigint as arrivals,
        sum(
            if(case_states.is_open and not case_states.was_open and case_states.previous_state is not null, 1, 0)
        )::bigint
            as reopened,
        sum(
            if(not case_states.is_open and (case_states.was_open or case_states.previous_state is null), 1, 0)
        )::bigint as closures,
        sum(if(case_states.is_open and case_states.was_open and case_states.state <> case_states.previous_state, 1, 0))
        ::bigint as stage_moves,
    from case_states
    inner join households on case_states.case_ref = households.case_ref
    group by all
)

select * from counted
