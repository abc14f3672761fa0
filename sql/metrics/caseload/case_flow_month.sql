-- One row per month of the metric window and team ('all' is the total): open cases at both ends and what changed them.
-- Key: first_day, team
-- Title: Cases that came, moved stage and closed each month
with opened as (
    select
        first_day,
        last_day,
        team,
        open_cases,
    from case_open_month
    where officer = 'all' and stage = 'all'
),

flows as (
    select
        date_trunc('month', case_flow.day)::date as first_day,
        coalesce(case_flow.team, 'all') as team,
        sum(case_flow.arrivals) as arrivals,
        sum(case_flow.reopened) as reopened,
        sum(case_flow.closures) as closures,
        sum(case_flow.stage_moves) as stage_moves,
    from case_flow
    inner join metric_window on case_flow.day between metric_window.first_day and metric_window.last_day
    group by
        grouping sets (
            (date_trunc('month', case_flow.day)::date), (date_trunc('month', case_flow.day)::date, case_flow.team)
        )
),

joined as (
    select
        opened.first_day,
        opened.last_day,
        opened.team,
        coalesce(flows.arrivals, 0)::bigint as arrivals,
        coalesce(flows.reopened, 0)::bigint as reopened,
        coalesce(flows.closures, 0)::bigint as closures,
        coalesce(flows.stage_moves, 0)::bigint as stage_moves,
        opened.open_cases,
    from opened
    left join flows on opened.first_day = flows.first_day and opened.team = flows.team
)

select
    first_day,
    last_day,
    team,
    open_cases - arrivals - reopened + closures as opening_cases,
    arrivals,
    reopened,
    closures,
    stage_moves,
    open_cases,
from joined
order by first_day, team
