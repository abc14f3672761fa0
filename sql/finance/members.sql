-- One row per household member.
-- Key: case_key, person_no
-- Columns:
--   case_key: pseudonym of the case
--   person_no: number of the person within the case
--   relationship: to the main applicant (code list relationship)
--   is_dependent: dependent child
--   age_band: age on the quarter's last day
--   is_under_18: under 18 on the quarter's last day
select
    mart_case.case_key,
    ages.person_no,
    ages.relationship,
    ages.is_dependent,
    mart_age_band.age_band,
    ages.is_under_18_at_last_day as is_under_18,
from ages
inner join mart_case on ages.case_ref = mart_case.case_ref
left join mart_age_band
    on ages.age_at_last_day between mart_age_band.from_age and mart_age_band.to_age
order by mart_case.case_key, ages.person_no
