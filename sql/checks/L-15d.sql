-- Placements pending a referral of households with a local connection here.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    case_facts.local_connection as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
where
    temporary_accommodation.taduty in ('s199a_2', 's200_1')
    and case_facts.local_connection in ('residence', 'employment', 'family', 'special', 'care_leaver')
