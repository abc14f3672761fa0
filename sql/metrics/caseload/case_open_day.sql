-- One row per day of the metric window, team and stage ('all' is the total): open cases at the end of the day.
-- Key: day, team, stage
-- Title: Open cases each day by team and stage
with periods as (
    select starts.start_day::date as first_day,
    from metric_window
    cross join
        unnest(generate_series(metric_window.first_day, metric_window.last_day, interval 1 day))
            as starts (start_day)
    union all
    -- Everything before the window, as one day that is dropped in the end.
    select date '0001-01-01' as first_day,
    from metric_window
),

dated as (
    select
        case_changes.*,
        if(case_changes.day < metric_window.first_day, date '0001-01-01', case_changes.day) as first_day,
    from case_changes
    inner join metric_window on case_changes.day <= metric_window.last_day
),

changes as (
    select
        first_day,
        coalesce(team, 'all') as team,
        coalesce(stage, 'all') as stage,
        sum(delta) as delta,
    from dated
    group by grouping sets (
        (first_day),
        (first_day, stage),
        (first_day, team),
        (first_day, team, stage)
    )
),

groups as (
    select distinct
        team,
        stage,
    from changes
),

series as (
    select
        periods.first_day as day,
        groups.team,
        groups.stage,
        (coalesce(sum(changes.delta) over so_far, 0))::bigint as open_cases,
    from groups
    cross join periods
    left join changes
        on
            periods.first_day = changes.first_day
            and groups.team = changes.team
            and groups.stage = changes.stage
    window so_far as (
        partition by groups.team, groups.stage order by periods.first_day
    )
)

select * from series
where day > date '0001-01-01'
order by day, team, stage
