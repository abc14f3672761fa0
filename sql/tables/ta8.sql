-- One row per cell and person under 18 behind it.
-- Key: cell, reference
select
    'age.' || ages.age_at_last_day as cell,
    ages.case_ref || '#' || ages.person_no as reference
from ages
semi join base_in_ta on ages.case_ref = base_in_ta.case_ref and not base_in_ta.is_own_arrangements
where ages.age_at_last_day between 0 and 17
