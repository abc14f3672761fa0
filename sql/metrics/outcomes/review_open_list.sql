-- One row per review that is not decided on the window's last day.
-- Key: case_ref, review_no
-- Title: Worklist: reviews not yet decided
-- Edition: internal
select
    review_dates.due_date,
    review_dates.case_ref,
    review_dates.review_no,
    review_dates.decision_reviewed,
    review_dates.review_requested_date,
    metric_window.last_day - review_dates.due_date as days_overdue,
    households.officer,
    households.team,
from review_dates
cross join metric_window
left join households on review_dates.case_ref = households.case_ref
where
    is_review_undecided(
        review_dates.review_requested_date,
        review_dates.review_outcome_date,
        review_dates.review_outcome,
        metric_window.last_day
    )
order by review_dates.due_date, review_dates.case_ref, review_dates.review_no
