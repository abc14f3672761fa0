-- Placements pending a referral of households with a local connection to no authority.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    cases.local_connection as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
inner join codelist_taduty on temporary_accommodation.taduty = codelist_taduty.code
where
    codelist_taduty.is_referral is not null
    and cases.local_connection = 'none'
