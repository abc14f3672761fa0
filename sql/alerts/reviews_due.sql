-- One row per review that is not decided on the day of the alerts and is due soon, or was due before.
-- Key: case_ref, subject
select
    'review_due' as kind,
    review_dates.case_ref,
    'review ' || review_dates.review_no as subject,
    review_dates.due_date as about_on
from review_dates
cross join alert_option
where
    is_review_undecided(
        review_dates.review_requested_date,
        review_dates.review_outcome_date,
        review_dates.review_outcome,
        alert_option.day
    )
    and review_dates.due_date <= alert_option.day + alert_option.near_review
