-- Reviews requested before the application.
-- Key: case_ref, record_key
select
    reviews.case_ref,
    'review_no=' || reviews.review_no as record_key,
    reviews.review_requested_date::varchar as shown,
from reviews
inner join cases on reviews.case_ref = cases.case_ref
where reviews.review_requested_date < cases.application_date
