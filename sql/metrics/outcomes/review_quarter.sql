-- One row per quarter and decision reviewed ('all': total): reviews requested, due and decided in the quarter.
-- Key: first_day, decision_reviewed
-- Title: Reviews requested, due, decided in time and overturned each quarter
with dated as (
    select
        review_dates.*,
        unnest(['requested', 'due', 'decided']) as kind,
        unnest([review_dates.review_requested_date, review_dates.due_date, review_dates.review_outcome_date]) as day,
    from review_dates
),

counted as (
    select
        date_trunc('quarter', dated.day)::date as first_day,
        coalesce(dated.decision_reviewed, 'all') as decision_reviewed,
        count(*) filter (where dated.kind = 'requested') as requested,
        count(*) filter (where dated.kind = 'due') as due,
        count(*) filter (where dated.kind = 'due' and dated.review_outcome_date <= dated.due_date)
            as due_decided_in_time,
        count(*) filter (
            where dated.kind = 'due'
            and dated.due_date < metric_window.last_day
            and coalesce(dated.review_outcome_date > dated.due_date, true)
        ) as due_late_or_outstanding,
        count(*) filter (where dated.kind = 'decided' and codelist_review_outcome.is_decided is not null) as decided,
        count(*) filter (where dated.kind = 'decided' and dated.review_outcome = 'overturned') as overturned,
        count(*) filter (
            where dated.kind = 'decided'
            and codelist_review_outcome.code is not null
            and codelist_review_outcome.is_decided is null
        ) as ended_undecided,
    from dated
    cross join metric_window
    left join codelist_review_outcome on dated.review_outcome = codelist_review_outcome.code
    where
        dated.day >= metric_window.first_day
        and dated.day < (date_trunc('quarter', metric_window.last_day) + interval 3 month)
    group by grouping sets (
        (date_trunc('quarter', dated.day)::date),
        (date_trunc('quarter', dated.day)::date, dated.decision_reviewed)
    )
)

select
    first_day,
    decision_reviewed,
    requested,
    due,
    due_decided_in_time,
    due_late_or_outstanding,
    round(due_decided_in_time / nullif(due_decided_in_time + due_late_or_outstanding, 0), 4) as share_in_time,
    decided,
    overturned,
    round(overturned / nullif(decided, 0), 4) as share_overturned,
    ended_undecided,
from counted
order by first_day, decision_reviewed
