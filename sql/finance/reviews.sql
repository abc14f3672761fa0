-- One row per review requested.
-- Key: case_key, review_no
-- Columns:
--   case_key: pseudonym of the case
--   review_no: number of the review within the case
--   review_requested_date: day the review was requested
--   decision_reviewed: decision under review (code list decision_reviewed)
--   review_due_date: day by which it is due, extensions included; empty if not recorded
--   review_outcome_date: day it was decided or ended; empty while open
--   review_outcome: outcome (code list review_outcome)
select
    mart_case.case_key,
    reviews.review_no,
    reviews.review_requested_date,
    reviews.decision_reviewed,
    reviews.review_due_date,
    reviews.review_outcome_date,
    reviews.review_outcome,
from reviews
inner join mart_case on reviews.case_ref = mart_case.case_ref
order by mart_case.case_key, reviews.review_no
