-- One row per team and stage ('all' is the total): open cases by the days since their last recorded activity.
-- Key: team, stage
-- Title: Open cases without recent activity by team and stage
with summed as (
    select
        coalesce(team, 'all') as team,
        coalesce(stage, 'all') as stage,
        count(*) as open_cases,
        count(*) filter (where quiet_days < 28) as under_28_days,
        count(*) filter (where quiet_days between 28 and 55) as days_28_to_55,
        count(*) filter (where quiet_days between 56 and 83) as days_56_to_83,
        count(*) filter (where quiet_days >= 84) as over_83_days,
        count(*) filter (where quiet_days is null) as not_recorded,
    from case_open_list
    group by grouping sets ((), (stage), (team), (team, stage))
)

select * from summed
where open_cases > 0
order by team, stage
