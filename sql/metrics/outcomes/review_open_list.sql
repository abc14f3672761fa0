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
inner join metric_window on review_dates.review_requested_date <= metric_window.last_day
left join households on review_dates.case_ref = households.case_ref
where coalesce(review_dates.review_outcome_date > metric_window.last_day, review_dates.review_outcome is null)
order by review_dates.due_date, review_dates.case_ref, review_dates.review_no
