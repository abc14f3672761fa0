-- Placements of applicants who are not eligible.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    case_facts.eligibility as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
where
    (case_facts.eligibility = 'ineligible' or case_facts.assess1 = 'not_eligible')
    and not case_facts.is_eligibility_lost_later
