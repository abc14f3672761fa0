-- One row per household member of the return's cases: age in whole years at the quarter's end, never a date of birth.
-- Key: case_ref, person_no
select
    people.case_ref,
    people.person_no,
    people.relationship,
    ages.age_at_last_day as age,
    people.sex,
    people.gender_identity,
    people.ethnicity,
    people.sexual_orientation,
    people.dependent,
    people.pregnant,
    people.personal_data_consent,
from people
inner join ages on people.case_ref = ages.case_ref and people.person_no = ages.person_no
order by people.case_ref, people.person_no
