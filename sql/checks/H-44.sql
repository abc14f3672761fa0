-- Rows of people whose case is not in main.
-- Key: case_ref, record_key
select
    people.case_ref,
    'person_no=' || people.person_no as record_key,
    people.case_ref as shown,
from people
anti join main on people.case_ref = main.case_ref
where people.case_ref is not null
