-- One row per review, with the day by which it was due and whether it is pending on the quarter's last day.
-- Key: case_ref, review_no
-- The weeks are those of SI 2018/223 regulation 9, beginning with the day of the request; an agreed later day is
-- recorded as review_due_date. How many days a decision gives stands in its code list.
select
    reviews.case_ref,
    reviews.review_no,
    reviews.review_requested_date,
    coalesce(reviews.decision_reviewed, 'not recorded') as decision_reviewed,
    reviews.review_outcome_date,
    reviews.review_outcome,
    reviews.appeal,
    coalesce(
        reviews.review_due_date,
        reviews.review_requested_date + coalesce(cast(codes.review_days as integer), 56) - 1
    ) as due_date,
    is_review_open(
        reviews.review_requested_date,
        reviews.review_outcome_date,
        reviews.review_outcome,
        reviews.appeal,
        reporting_period.last_day
    ) as is_open_on_last_day
from reviews
cross join reporting_period
left join codelist_decision_reviewed as codes on reviews.decision_reviewed = codes.code
