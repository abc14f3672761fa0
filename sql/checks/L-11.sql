-- Placements under s190(2) of households with another decision.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    cases.main_decision as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
where
    temporary_accommodation.taduty = 's190_2'
    and cases.main_decision <> 'intentional'
