-- One row per month of the metric window, team, officer and stage ('all' is the total): open cases on its last day.
-- Key: first_day, team, officer, stage
-- Title: Open cases at each month's end by officer, team and stage
with periods as (
    select
        starts.start_day::date as first_day,
        least(last_day(starts.start_day)::date, metric_window.last_day) as last_day,
    from metric_window
    cross join
        unnest(generate_series(metric_window.first_day, metric_window.last_day, interval 1 month))
            as starts (start_day)
    union all
    -- Everything before the window, as one month that is dropped in the end.
    select
        date '0001-01-01' as first_day,
        first_day - 1 as last_day,
    from metric_window
),

dated as (
    select
        case_changes.*,
        if(case_changes.day < metric_window.first_day, date '0001-01-01', date_trunc('month', case_changes.day)::date)
            as first_day,
    from case_changes
    inner join metric_window on case_changes.day <= metric_window.last_day
),

changes as (
    select
        first_day,
        coalesce(team, 'all') as team,
        coalesce(officer, 'all') as officer,
        coalesce(stage, 'all') as stage,
        sum(delta) as delta,
    from dated
    group by grouping sets (
        (first_day),
        (first_day, stage),
        (first_day, team),
        (first_day, team, stage),
        (first_day, officer),
        (first_day, officer, stage)
    )
),

groups as (
    select distinct
        team,
        officer,
        stage,
    from changes
),

series as (
    select
        periods.first_day,
        periods.last_day,
        groups.team,
        groups.officer,
        groups.stage,
        (coalesce(sum(changes.delta) over so_far, 0))::bigint as open_cases,
    from groups
    cross join periods
    left join changes
        on
            periods.first_day = changes.first_day
            and groups.team = changes.team
            and groups.officer = changes.officer
            and groups.stage = changes.stage
    window so_far as (
        partition by groups.team, groups.officer, groups.stage order by periods.first_day
    )
)

select * from series
where first_day > date '0001-01-01'
order by first_day, team, officer, stage
