-- Entries while prevention was open: after its first day, before its end; legacy cases excepted.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.entry_date::varchar as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
where
    not case_facts.is_legacy
    and temporary_accommodation.entry_date > case_facts.prevention_start
    and temporary_accommodation.entry_date < coalesce(case_facts.prevention_end, '9999-12-31'::date)
