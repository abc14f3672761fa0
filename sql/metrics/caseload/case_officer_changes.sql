-- One row per month of the metric window and team ('all' is the total): cases taken over from another officer.
-- Key: first_day, team
-- Title: Changes of officer each month, as the export records them
-- An export holds the last change of each case only: earlier months are undercounted, see case_officer_changes_runs.
with changed as (
    select
        date_trunc('month', households.officer_since)::date as first_day,
        coalesce(households.team, 'not recorded') as team,
    from households
    inner join metric_window
        on households.officer_since between metric_window.first_day and metric_window.last_day
    where households.previous_officer is not null and households.previous_officer <> coalesce(households.officer, '')
),

counted as (
    select
        first_day,
        coalesce(team, 'all') as team,
        count(*) as count_cases,
    from changed
    group by grouping sets ((first_day), (first_day, team))
)

select * from counted
order by first_day, team
