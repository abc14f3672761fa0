-- One row per duty, quarter in which it ended and group of outcome ('all' is the total).
-- Key: duty, first_day, outcome_group
-- Title: Outcomes of the duties that ended each quarter
with ended as (
    select
        outcome_ended.duty,
        date_trunc('quarter', outcome_ended.end_date)::date as first_day,
        outcome_ended.outcome_group,
    from outcome_ended
    inner join metric_window on outcome_ended.end_date >= metric_window.first_day
),

counted as (
    select
        duty,
        first_day,
        coalesce(outcome_group, 'all') as outcome_group,
        count(*) as count_cases,
    from ended
    group by grouping sets ((duty, first_day), (duty, first_day, outcome_group))
)

select
    *,
    round(count_cases / max(count_cases) over (partition by duty, first_day), 4) as share,
from counted
order by duty, first_day, outcome_group
