-- One row per case whose household is, by births, and main applicant's sex and name, that of another case.
-- Key: case_ref
-- Where no name is recorded, the household has to have at least two people, all of the same births.
with applicants as (
    select
        cases.case_ref,
        people.date_of_birth,
        people.sex,
        lower(trim(people.forename)) as forename,
        lower(trim(people.surname)) as surname
    from cases
    inner join people on cases.case_ref = people.case_ref and cases.applicant_no = people.person_no
),

births as (
    select
        case_ref,
        list(date_of_birth order by date_of_birth) as dates,
        count(*) as count_people,
        count(date_of_birth) as count_known
    from people
    group by case_ref
)

select distinct
    applicants.case_ref,
    cast(null as date) as day
from applicants
inner join applicants as other
    on
        applicants.case_ref <> other.case_ref
        and applicants.date_of_birth = other.date_of_birth
        and applicants.sex is not distinct from other.sex
        and applicants.forename is not distinct from other.forename
        and applicants.surname is not distinct from other.surname
inner join births on applicants.case_ref = births.case_ref
inner join births as other_births on other.case_ref = other_births.case_ref
where
    births.dates = other_births.dates
    and births.count_people = births.count_known
    and (births.count_people > 1 or (applicants.forename is not null and applicants.surname is not null))
order by applicants.case_ref
