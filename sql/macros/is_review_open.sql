-- Whether a review, or the appeal that followed it, is pending on a day; no field says when an appeal was decided.
create or replace macro is_review_open(requested_date, outcome_date, outcome, appeal, on_date) as (
    requested_date <= on_date
    and (coalesce(appeal, false) or coalesce(outcome_date > on_date, outcome is null))
)
