-- One row per quarter of assessment: households first seen when already homeless rather than when threatened with it.
-- Key: first_day
-- Title: First seen at relief rather than prevention, and prevented before homelessness
with assessed as (
    select
        date_trunc('quarter', households.assess_date)::date as first_day,
        count(*) filter (where households.duty_at_assessment = 'prevention') as owed_prevention,
        count(*) filter (where households.duty_at_assessment = 'relief') as owed_relief,
    from households
    inner join metric_window on households.assess_date between metric_window.first_day and metric_window.last_day
    where households.duty_at_assessment is not null
    group by all
),

ended as (
    select
        date_trunc('quarter', duties.end_date)::date as first_day,
        count(*) as prevention_ended,
        count(*) filter (where duties.is_secured) as prevented,
    from duties
    inner join metric_window on duties.end_date between metric_window.first_day and metric_window.last_day
    where duties.duty = 'prevention'
    group by all
)

select
    coalesce(assessed.first_day, ended.first_day) as first_day,
    coalesce(assessed.owed_prevention, 0)::bigint as owed_prevention,
    coalesce(assessed.owed_relief, 0)::bigint as owed_relief,
    round(assessed.owed_relief / nullif(assessed.owed_prevention + assessed.owed_relief, 0), 4)
        as share_first_seen_at_relief,
    coalesce(ended.prevention_ended, 0)::bigint as prevention_ended,
    coalesce(ended.prevented, 0)::bigint as prevented,
    round(ended.prevented / nullif(ended.prevention_ended, 0), 4) as share_prevented,
from assessed
full join ended on assessed.first_day = ended.first_day
order by first_day
