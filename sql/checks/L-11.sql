-- Placements under s190(2) of households with another decision.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    case_facts.main_decision as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
where
    temporary_accommodation.taduty = 's190_2'
    and case_facts.main_decision <> 'intentional'
