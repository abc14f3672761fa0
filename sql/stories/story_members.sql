-- One row per household member of a case that has a story to tell: relationship and age, nothing that names anybody.
-- Key: case_ref, person_no
select
    ages.case_ref,
    ages.person_no,
    ages.relationship,
    ages.age_at_last_day as age
from ages
semi join story_cases on ages.case_ref = story_cases.case_ref
