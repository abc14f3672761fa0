-- Placements of applicants who are not eligible.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    cases.eligibility as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
where
    cases.is_ineligible
    and not cases.is_eligibility_lost_later
