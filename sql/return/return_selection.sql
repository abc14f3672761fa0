-- One row per case: whether the quarter's return holds it, and by which triggers (hclic-spec 1.5).
-- Key: case_ref
with quarter_events as (
    select
        events.case_ref,
        events.event,
    from events
    inner join reporting_period
        on events.event_date between reporting_period.first_day and reporting_period.last_day
),

in_accommodation as (
    select distinct placements.case_ref
    from placements
    cross join reporting_period
    where is_open_on(placements.entry_date, placements.exit_date, reporting_period.last_day)
),

triggers as (
    select
        case_ref,
        case event
            when 'assessed' then 'assessed'
            when 'placed' then 'placed'
            when 'left' then 'placement changed'
            when 'prevention_started' then 'duty owed'
            when 'relief_started' then 'duty owed'
            when 'main_decided' then 'duty owed'
            when 'main_started' then 'duty owed'
            when 'prevention_ended' then 'duty changed'
            when 'relief_ended' then 'duty changed'
            when 'main_ended' then 'duty changed'
            when 'closed' then 'closed'
            when 'review_requested' then 'review'
            when 'review_decided' then 'review'
        end as trigger_name,
    from quarter_events
    union all
    select
        case_ref,
        'in temporary accommodation on the last day' as trigger_name,
    from in_accommodation
),

grouped as (
    select
        case_ref,
        string_agg(distinct trigger_name, '; ' order by trigger_name) as triggers,
    from triggers
    where trigger_name is not null
    group by case_ref
),

by_trigger as (
    select
        households.case_ref,
        grouped.triggers,
        grouped.triggers is not null and not households.is_advice_only as is_triggered,
    from households
    left join grouped on households.case_ref = grouped.case_ref
)

select
    by_trigger.case_ref,
    coalesce(forced_cases.action = 'include', by_trigger.is_triggered) as is_selected,
    by_trigger.triggers,
    forced_cases.action as forced,
    forced_cases.reason,
from by_trigger
left join forced_cases on by_trigger.case_ref = forced_cases.case_ref
order by by_trigger.case_ref
