-- Placements under s193C(4) where relief did not end by a notice for refusal to co-operate.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    cases.relief_outcome as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
where
    temporary_accommodation.taduty = 's193c_4'
    and coalesce(cases.relief_outcome, '') <> 'refused_coop'
