-- One row per quarter of assessment and team ('all' is the total): households owed a duty, and those with a plan.
-- Key: first_day, team
-- Title: Households owed a duty that have a personalised housing plan
with owed as (
    select
        date_trunc('quarter', households.assess_date)::date as first_day,
        coalesce(households.team, 'not recorded') as team,
        households.php_date,
        households.php_date - households.assess_date as days,
    from households
    inner join metric_window on households.assess_date between metric_window.first_day and metric_window.last_day
    where households.duty_at_assessment is not null
),

summed as (
    select
        first_day,
        coalesce(team, 'all') as team,
        count(*) as owed_a_duty,
        count(php_date) as with_plan,
        round(count(php_date) / count(*), 4) as share_with_plan,
        median(days) filter (where days >= 0) as median_days_to_plan,
    from owed
    group by grouping sets ((first_day), (first_day, team))
)

select * from summed
order by first_day, team
