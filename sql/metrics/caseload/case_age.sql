-- One row per team, officer and stage ('all' is the total): age of the open cases in days on the window's last day.
-- Key: team, officer, stage
-- Title: Age of open cases by officer, team and stage
with summed as (
    select
        coalesce(team, 'all') as team,
        coalesce(officer, 'all') as officer,
        coalesce(stage, 'all') as stage,
        count(*) as open_cases,
        round(avg(age_days), 1) as mean_age_days,
        quantile_cont(age_days, 0.25) as lower_quartile_age_days,
        median(age_days) as median_age_days,
        quantile_cont(age_days, 0.75) as upper_quartile_age_days,
        max(age_days) as oldest_age_days,
        median(days_in_stage) as median_days_in_stage,
    from case_open_list
    group by grouping sets ((), (stage), (team), (team, stage), (officer), (officer, stage))
)

select * from summed
where open_cases > 0
order by team, officer, stage
