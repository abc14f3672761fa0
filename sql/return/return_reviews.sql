-- One row per review requested, of the return's cases.
-- Key: case_ref, review_no
select
    reviews.case_ref,
    reviews.review_no,
    reviews.review_requested_date,
    reviews.decision_reviewed,
    reviews.review_outcome_date,
    reviews.review_outcome,
    reviews.appeal,
from reviews
order by reviews.case_ref, reviews.review_no
