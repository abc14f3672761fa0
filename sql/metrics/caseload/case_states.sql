-- One row per case and step of its way through the Act, with the state that the step leads to.
-- Key: case_ref, day, step
-- Advice-only cases are not applications and are left out. A step that the case has already passed changes nothing.
with main_duty_placements as (
    select
        placements.case_ref,
        min(placements.entry_date) as first_entry,
        if(bool_or(placements.exit_date is null), null, max(placements.exit_date)) as last_exit,
    from placements
    where placements.taduty_group = 's193'
    group by placements.case_ref
),

-- Loaded without its history: the placements under the main duty are all that shows the duty.
without_history as (
    select
        main_duty_placements.case_ref,
        main_duty_placements.first_entry,
        main_duty_placements.last_exit,
    from main_duty_placements
    inner join households on main_duty_placements.case_ref = households.case_ref
    anti join duties on main_duty_placements.case_ref = duties.case_ref
    anti join decisions on main_duty_placements.case_ref = decisions.case_ref
    where households.is_legacy and households.assess1 is null
),

relief_ends as (
    select
        case_ref,
        end_date,
    from duties
    where duty = 'relief'
),

steps as (
    select
        case_ref,
        application_date as day,
        1 as step,
        'assessment' as state
    from households
    union all
    select
        case_ref,
        assess_date,
        2,
        coalesce(duty_at_assessment, 'no duty')
    from households
    where assess1 is not null
    union all
    select
        case_ref,
        start_date,
        3,
        'prevention'
    from duties
    where duty = 'prevention'
    union all
    select
        case_ref,
        end_date,
        4,
        next_step
    from duties
    where duty = 'prevention'
    union all
    select
        case_ref,
        start_date,
        5,
        'relief'
    from duties
    where duty = 'relief'
    union all
    select
        case_ref,
        end_date,
        6,
        next_step
    from duties
    where duty = 'relief'
    union all
    select
        decisions.case_ref,
        if(
            decisions.decision = 'accepted',
            decisions.decision_date,
            greatest(decisions.decision_date, relief_ends.end_date)
        ),
        7,
        if(decisions.decision = 'accepted', 'main', 'closed'),
    from decisions
    left join relief_ends on decisions.case_ref = relief_ends.case_ref
    union all
    select
        case_ref,
        end_date,
        8,
        'closed'
    from duties
    where duty = 'main'
    union all
    select
        case_ref,
        first_entry,
        7,
        'main'
    from without_history
    union all
    select
        case_ref,
        last_exit,
        8,
        'closed'
    from without_history
),

-- One number a case sorts faster than its reference.
applications as (
    select
        case_ref,
        row_number() over () as case_no,
    from households
    where not is_advice_only
),

numbered as (
    select
        steps.*,
        applications.case_no,
        max(steps.step) over in_order as furthest,
    from steps
    inner join applications on steps.case_ref = applications.case_ref
    where steps.day is not null
    window in_order as (partition by applications.case_no order by steps.day, steps.step)
),

passed as (
    select
        case_ref,
        day,
        step,
        state,
        lag(state) over in_order as previous_state,
        lead(day) over in_order as until_day,
    from numbered
    where step = furthest
    window in_order as (partition by case_no order by day, step)
)

select
    case_ref,
    day,
    until_day,
    step,
    state,
    previous_state,
    state not in ('closed', 'no duty') as is_open,
    coalesce(previous_state not in ('closed', 'no duty'), false) as was_open,
from passed
