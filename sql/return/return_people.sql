-- One row per household member of the return's cases: age in whole years at the quarter's end, never a date of birth.
-- Key: case_ref, person_no
select
    people.case_ref,
    people.person_no,
    people.relationship,
    if(
        people.date_of_birth is null,
        people.age,
        date_sub('year', people.date_of_birth, reporting_period.last_day)
    ) as age,
    people.sex,
    people.gender_identity,
    people.ethnicity,
    people.sexual_orientation,
    people.dependent,
    people.pregnant,
    people.personal_data_consent,
from people
cross join reporting_period
order by people.case_ref, people.person_no
