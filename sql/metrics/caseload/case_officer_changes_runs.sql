-- One row per pair of following runs of the authority and per team: cases held by another officer than before.
-- Key: from_run, team
-- Title: Changes of officer between the runs in the warehouse
with held_in_runs as (
    select
        metric_run.run_no,
        earlier_holder.case_ref,
        earlier_holder.officer,
        earlier_holder.team,
    from earlier_holder
    inner join metric_run
        on
            earlier_holder.from_run <= metric_run.run_order
            and (earlier_holder.until_run is null or earlier_holder.until_run > metric_run.run_order)
    union all
    select
        metric_run.run_no,
        as_recorded.case_ref,
        as_recorded.officer,
        as_recorded.team,
    from recorded.main as as_recorded
    cross join reporting_period
    inner join metric_run on reporting_period.run_id = metric_run.run_id
),

held as (
    select
        held_in_runs.run_no,
        held_in_runs.case_ref,
        held_in_runs.officer,
        coalesce(held_in_runs.team, 'not recorded') as team,
    from held_in_runs
    -- Cases of the run in hand: a cohort restricts these too.
    semi join households on held_in_runs.case_ref = households.case_ref
),

paired as (
    select
        earlier.run_no as from_run,
        earlier.officer as earlier_officer,
        later.officer as later_officer,
        later.team,
    from held as earlier
    inner join held as later on earlier.case_ref = later.case_ref and later.run_no = earlier.run_no + 1
),

counted as (
    select
        from_run,
        coalesce(team, 'all') as team,
        count(*) as cases_in_both,
        count(*) filter (where earlier_officer is not null and later_officer is not null) as cases_with_officer_in_both,
        count(*) filter (where earlier_officer <> later_officer) as cases_changed,
    from paired
    group by grouping sets ((from_run), (from_run, team))
)

select
    counted.from_run,
    earlier.as_at as from_day,
    later.as_at as to_day,
    counted.team,
    counted.cases_in_both,
    counted.cases_with_officer_in_both,
    counted.cases_changed,
from counted
inner join metric_run as earlier on counted.from_run = earlier.run_no
inner join metric_run as later on earlier.run_no + 1 = later.run_no
order by counted.from_run, counted.team
