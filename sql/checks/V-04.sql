-- Entries while prevention was open: after its first day, before its end; legacy cases excepted.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.entry_date::varchar as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
where
    not cases.is_legacy
    and temporary_accommodation.entry_date > cases.prevention_start
    and temporary_accommodation.entry_date < coalesce(cases.prevention_end, date '9999-12-31')
