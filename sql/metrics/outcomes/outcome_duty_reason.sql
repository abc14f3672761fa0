-- One row per duty, horizon in months, financial year of start, main reason and state at the horizon ('all': total).
-- Key: duty, horizon_months, start_year, reasonloss, state
-- Title: What had become of each duty 6, 12 and 18 months after it started, by main reason
-- Only duties that started long enough before the window's last day count; later_started says how many did not.
with started as (
    select
        duties.case_ref,
        duties.duty,
        duties.start_date,
        duties.end_date,
        coalesce(outcome_group.outcome_group, 'not known') as outcome_group,
        coalesce(households.reasonloss, 'not recorded') as reasonloss,
        (date_trunc('year', duties.start_date - interval 3 month) + interval 3 month)::date as start_year,
    from duties
    inner join households on duties.case_ref = households.case_ref
    inner join metric_window on duties.start_date between metric_window.first_day and metric_window.last_day
    left join outcome_group on duties.duty = outcome_group.duty and duties.outcome = outcome_group.outcome
),

at_horizons as (
    select
        started.*,
        horizons.horizon_months,
        (started.start_date + to_months(horizons.horizon_months))::date as horizon_day,
    from started
    cross join (values (6), (12), (18)) as horizons (horizon_months)
),

observed as (
    select
        at_horizons.duty,
        at_horizons.horizon_months,
        at_horizons.start_year,
        at_horizons.reasonloss,
        case
            when at_horizons.horizon_day > metric_window.last_day then 'later_started'
            when coalesce(at_horizons.end_date > at_horizons.horizon_day, true) then 'still open'
            else at_horizons.outcome_group
        end as state,
    from at_horizons
    cross join metric_window
),

tallied as (
    select
        duty,
        horizon_months,
        start_year,
        reasonloss,
        state,
        count(*) as count_duties,
    from observed
    group by duty, horizon_months, start_year, reasonloss, state
),

counted as (
    select
        duty,
        horizon_months,
        start_year,
        coalesce(reasonloss, 'all') as reasonloss,
        coalesce(state, 'all') as state,
        coalesce(sum(count_duties) filter (where state <> 'later_started'), 0)::bigint as count_cases,
        coalesce(sum(count_duties) filter (where state = 'later_started'), 0)::bigint as later_started,
    from tallied
    group by grouping sets (
        (duty, horizon_months, start_year),
        (duty, horizon_months, start_year, state),
        (duty, horizon_months, start_year, reasonloss),
        (duty, horizon_months, start_year, reasonloss, state)
    )
),

shared as (
    select
        duty,
        horizon_months,
        start_year,
        reasonloss,
        state,
        count_cases,
        round(
            count_cases / nullif(
                max(if(state = 'all', count_cases, null)) over (
                    partition by duty, horizon_months, start_year, reasonloss
                ), 0
            ), 4
        ) as share,
        if(state = 'all', later_started, null) as later_started,
    from counted
    where state <> 'later_started'
)

select * from shared
order by duty, horizon_months, start_year, reasonloss, state
