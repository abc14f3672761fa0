-- One row per subject and quarter of the metric window: how many came and how many went, as the export holds them.
-- Key: subject, first_day
-- Title: What the export holds of each quarter: how many came and how many went
-- Edition: internal
with quarters as (
    select starts.first_day::date as first_day
    from metric_window
    cross join
        unnest(
            generate_series(
                date_trunc('quarter', metric_window.first_day), metric_window.last_day::timestamp, interval 3 month
            )
        ) as starts (first_day)
),

-- Cases owed no duty are left out: some systems close them, others leave them as they are.
spells as (
    select
        'applications' as subject,
        application_date as came_on,
        case_closed_date as went_on,
    from households
    where duty_at_assessment is not null
    union all
    select
        'duties_ended',
        start_date,
        end_date,
    from duties
    where duty <> 'main'
    union all
    select
        'ta',
        entry_date,
        exit_date,
    from stays
),

days as (
    select
        subject,
        came_on as day,
        1 as came,
        0 as went,
    from spells
    union all
    select
        subject,
        went_on,
        0,
        1,
    from spells
),

counted as (
    select
        days.subject,
        date_trunc('quarter', days.day)::date as first_day,
        sum(days.came) as came,
        sum(days.went) as went,
    from days
    inner join metric_window on days.day <= metric_window.last_day
    group by all
),

subjects as (
    select unnest(['applications', 'duties_ended', 'ta']) as subject
)

select
    subjects.subject,
    quarters.first_day,
    coalesce(counted.came, 0)::bigint as came,
    coalesce(counted.went, 0)::bigint as went,
from subjects
cross join quarters
left join counted on subjects.subject = counted.subject and quarters.first_day = counted.first_day
order by subjects.subject, quarters.first_day
