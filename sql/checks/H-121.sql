-- Rows of reviews whose case is not in main.
-- Key: case_ref, record_key
select
    reviews.case_ref,
    'review_no=' || reviews.review_no as record_key,
    reviews.case_ref as shown,
from reviews
anti join main on reviews.case_ref = main.case_ref
where reviews.case_ref is not null
