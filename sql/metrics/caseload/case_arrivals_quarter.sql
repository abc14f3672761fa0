-- One row per quarter of the metric window: applications, beside those of the same quarter a year before, and closures.
-- Key: first_day
-- Title: Applications each quarter against the same quarter a year before, and cases closed
-- Empty, not 0, for a quarter before the first application that the warehouse holds.
with quarters as (
    select
        starts.quarter_start::date as first_day,
        (starts.quarter_start + interval 3 month)::date - 1 as last_day,
    from metric_window
    cross join
        unnest(
            generate_series(
                date_trunc('quarter', metric_window.first_day) - interval 1 year,
                metric_window.last_day::timestamp,
                interval 3 month
            )
        ) as starts (quarter_start)
),

counted as (
    select
        date_trunc('quarter', application_date)::date as first_day,
        count(*) filter (where not is_advice_only) as count_applications,
        count(*) filter (where is_advice_only) as count_advice_only,
    from households
    where application_date is not null
    group by date_trunc('quarter', application_date)
),

known_from as (
    select date_trunc('quarter', min(application_date))::date as first_quarter
    from households
),

filled as (
    select
        quarters.first_day,
        quarters.last_day,
        if(
            quarters.first_day >= known_from.first_quarter, coalesce(counted.count_applications, 0), null
        ) as applications,
        if(quarters.first_day >= known_from.first_quarter, coalesce(counted.count_advice_only, 0), null)
            as advice_only,
    from quarters
    cross join known_from
    left join counted on quarters.first_day = counted.first_day
),

closed as (
    select
        date_trunc('quarter', first_day)::date as first_day,
        sum(closures)::bigint as closures,
    from case_flow_month
    where team = 'all'
    group by date_trunc('quarter', first_day)
),

compared as (
    select
        *,
        lag(applications, 4) over (order by first_day) as applications_year_before,
    from filled
)

select
    compared.first_day,
    compared.last_day,
    compared.applications,
    compared.advice_only,
    compared.applications_year_before,
    compared.applications - compared.applications_year_before as change,
    round((compared.applications - compared.applications_year_before) / nullif(compared.applications_year_before, 0), 4)
        as change_share,
    if(compared.first_day >= metric_window.first_day, closed.closures, null) as closures,
from compared
inner join metric_window on compared.last_day > metric_window.first_day
left join closed on compared.first_day = closed.first_day
order by compared.first_day
