-- One row per finding of the runs before this one: when it was seen first, and last in a run that is compared with.
-- Key: finding_id
with kept as (
    select
        coalesce(continued.was_finding_id, found.finding_id) as finding_id,
        found.row_no,
        found.from_run,
        coalesce(ended.until_run, 2147483647) as until_run
    from history.findings as found
    inner join this_run on found.authority = this_run.la_code
    left join history.findings_ended as ended on found.row_no = ended.row_no
    left join finding_continued as continued
        on found.authority = continued.la_code and found.finding_id = continued.finding_id
    where found.finding_id is not null
),

spans as (
    select distinct
        from_run,
        until_run
    from kept
),

spans_in_runs as (
    select
        spans.from_run,
        spans.until_run,
        min(compared_run.place) as first_place,
        max(compared_run.place) filter (compared_run.is_compared) as last_place,
        count(*) as count_runs
    from spans
    inner join compared_run
        on spans.from_run <= compared_run.run_order and spans.until_run > compared_run.run_order
    group by spans.from_run, spans.until_run
)

select
    kept.finding_id,
    min(spans_in_runs.first_place) as first_place,
    max(spans_in_runs.last_place) as last_place,
    sum(spans_in_runs.count_runs)::bigint as count_runs,
    arg_max(kept.row_no, spans_in_runs.last_place) as row_no
from kept
inner join spans_in_runs on kept.from_run = spans_in_runs.from_run and kept.until_run = spans_in_runs.until_run
group by kept.finding_id
