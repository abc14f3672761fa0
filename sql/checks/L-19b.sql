-- Reviews not decided by the quarter's last day, which was after the day by which they were due.
-- Key: case_ref, record_key
select
    review_dates.case_ref,
    'review_no=' || review_dates.review_no as record_key,
    review_dates.due_date::varchar as shown,
from review_dates
cross join reporting_period
where
    is_review_undecided(
        review_dates.review_requested_date,
        review_dates.review_outcome_date,
        review_dates.review_outcome,
        reporting_period.last_day
    )
    and review_dates.due_date < reporting_period.last_day
