-- Entries before the application, legacy cases excepted.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.entry_date::varchar as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
where
    not cases.is_legacy
    and temporary_accommodation.entry_date < cases.application_date
