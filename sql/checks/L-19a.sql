-- Reviews decided after the day by which they were due.
-- Key: case_ref, record_key
select
    case_ref,
    'review_no=' || review_no as record_key,
    review_outcome_date::varchar as shown,
from review_dates
where review_outcome_date > due_date
