-- Rows whose taduty was retired before, or came in after, the day that counts.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.taduty as shown,
from temporary_accommodation
inner join codelist_taduty as dated on temporary_accommodation.taduty = dated.code
where
    temporary_accommodation.entry_date < dated.valid_from
    or temporary_accommodation.entry_date > dated.valid_to
