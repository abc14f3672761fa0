-- One row per headline count of an earlier run: of the one compared with, and of the last run of each earlier quarter.
-- Key: run_id, headline
-- Reads the warehouse: rows are counted by the runs between which they held, and only then laid beside the runs.
with spans_of_cases as (
    select
        kept.from_run,
        ended.until_run,
        year(kept.assess_date) || '-Q' || quarter(kept.assess_date) as assessed_in,
        count(*) as count_rows
    from history.main as kept
    left join history.main_ended as ended on kept.row_no = ended.row_no
    where kept.authority = (select any_value(la_code) from chosen_run)
    group by all
),

spans_of_people as (
    select
        kept.from_run,
        ended.until_run,
        count(*) as count_rows
    from history.people as kept
    left join history.people_ended as ended on kept.row_no = ended.row_no
    where kept.authority = (select any_value(la_code) from chosen_run)
    group by all
),

spans_of_placements as (
    select
        kept.from_run,
        ended.until_run,
        count(*) as count_rows
    from history.temporary_accommodation as kept
    left join history.temporary_accommodation_ended as ended on kept.row_no = ended.row_no
    where kept.authority = (select any_value(la_code) from chosen_run) and kept.exit_date is null
    group by all
),

cases as (
    select
        chosen_run.run_id,
        sum(spans.count_rows) as count_cases,
        sum(spans.count_rows) filter (spans.assessed_in = chosen_run.quarter) as count_assessments
    from chosen_run
    inner join spans_of_cases as spans
        on chosen_run.run_order >= spans.from_run and chosen_run.run_order < coalesce(spans.until_run, 2147483647)
    group by chosen_run.run_id
),

people as (
    select
        chosen_run.run_id,
        sum(spans.count_rows) as count_people
    from chosen_run
    inner join spans_of_people as spans
        on chosen_run.run_order >= spans.from_run and chosen_run.run_order < coalesce(spans.until_run, 2147483647)
    group by chosen_run.run_id
),

placements as (
    select
        chosen_run.run_id,
        sum(spans.count_rows) as count_placements
    from chosen_run
    inner join spans_of_placements as spans
        on chosen_run.run_order >= spans.from_run and chosen_run.run_order < coalesce(spans.until_run, 2147483647)
    group by chosen_run.run_id
),

counted as (
    select
        chosen_run.*,
        coalesce(cases.count_cases, 0) as cases,
        coalesce(cases.count_assessments, 0) as assessments,
        coalesce(placements.count_placements, 0) as placements,
        coalesce(people.count_people, 0) as persons
    from chosen_run
    left join cases on chosen_run.run_id = cases.run_id
    left join people on chosen_run.run_id = people.run_id
    left join placements on chosen_run.run_id = placements.run_id
),

unpivoted as (
    select
        counted.*,
        unnest(['cases', 'assessments', 'placements', 'people per case']) as headline,
        unnest([
            counted.cases::double,
            if(counted.is_whole_quarter, counted.assessments, null)::double,
            counted.placements::double,
            counted.persons / nullif(counted.cases, 0)
        ]) as value
    from counted
)

select
    run_id,
    headline,
    value,
    left(quarter, 4)::integer * 4 + right(quarter, 1)::integer as quarter_no,
    is_compared,
    is_last_of_quarter
from unpivoted
