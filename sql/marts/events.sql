-- One row per event of a case, numbered in the order of its days.
-- Key: case_ref, event_no
with all_events as (
    select case_ref, application_date as event_date, 1 as step, 'applied' as event, null as detail from cases
    union all
    select case_ref, assess_date, 2, 'assessed', assess1 from cases
    union all
    select case_ref, start_date, 3, 'prevention_started', null from duties where duty = 'prevention'
    union all
    select case_ref, end_date, 4, 'prevention_ended', outcome from duties where duty = 'prevention'
    union all
    select case_ref, start_date, 5, 'relief_started', null from duties where duty = 'relief'
    union all
    select case_ref, end_date, 6, 'relief_ended', outcome from duties where duty = 'relief'
    union all
    select case_ref, decision_date, 7, 'main_decided', decision from decisions
    union all
    select case_ref, start_date, 8, 'main_started', pneed from duties where duty = 'main'
    union all
    select case_ref, end_date, 9, 'main_ended', outcome from duties where duty = 'main'
    union all
    select case_ref, exit_date, 10, 'left', exit_reason from placements
    union all
    select case_ref, entry_date, 11, 'placed', ta_type from placements
    union all
    select case_ref, review_requested_date, 12, 'review_requested', decision_reviewed from reviews
    union all
    select case_ref, review_outcome_date, 13, 'review_decided', review_outcome from reviews
    union all
    select case_ref, case_closed_date, 14, 'closed', null from cases
)

select
    case_ref,
    event_date,
    event,
    cast(detail as varchar) as detail,
    cast(row_number() over (partition by case_ref order by event_date, step, detail nulls first) as integer)
        as event_no
from all_events
where event_date is not null
