-- Rows of temporary_accommodation whose case is not in main.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.case_ref as shown,
from temporary_accommodation
anti join main on temporary_accommodation.case_ref = main.case_ref
where temporary_accommodation.case_ref is not null
