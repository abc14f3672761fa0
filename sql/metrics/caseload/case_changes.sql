-- One row per day, team, officer and stage on which the number of open cases changes.
-- Key: day, team, officer, stage
with ends as (
    select
        from_date as day,
        team,
        officer,
        stage,
        1 as delta
    from case_spells
    union all
    select
        to_date,
        team,
        officer,
        stage,
        -1
    from case_spells
    where to_date is not null
),

summed as (
    select
        day,
        team,
        officer,
        stage,
        sum(delta)::bigint as delta,
    from ends
    group by day, team, officer, stage
)

select * from summed
where delta <> 0
