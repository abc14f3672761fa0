-- Whether a review was requested by a day and not decided by it.
create or replace macro is_review_undecided(requested_date, outcome_date, outcome, on_date) as (
    requested_date <= on_date and coalesce(outcome_date > on_date, outcome is null)
)
