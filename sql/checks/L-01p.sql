-- Entries before the application, legacy cases excepted.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.entry_date::varchar as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
where
    not case_facts.is_legacy
    and temporary_accommodation.entry_date < case_facts.application_date
