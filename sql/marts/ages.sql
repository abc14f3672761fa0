-- One row per household member, with the age reached by the quarter's last day.
-- Key: case_ref, person_no
with people_with_age as (
    select
        people.*,
        coalesce(
            year(reporting_period.last_day) - year(people.date_of_birth)
            - if(
                (month(reporting_period.last_day), day(reporting_period.last_day))
                < (month(people.date_of_birth), day(people.date_of_birth)), 1, 0
            ),
            people.age
        ) as age_at_last_day
    from people
    cross join reporting_period
),

-- Dependency is a flag of its own, free of age; the rule by age speaks only where the export has no flag.
people_with_dependency as (
    select
        *,
        relationship not in ('main_applicant', 'partner')
        and coalesce(
            dependent,
            coalesce(lives_with_applicant, true)
            and (
                age_at_last_day < 16
                or (age_at_last_day between 16 and 18 and (in_education or unable_to_support))
                or (relationship = 'dependent_child' and coalesce(age_at_last_day, 0) <= 18)
            ),
            false
        ) as is_dependent
    from people_with_age
)

select
    case_ref,
    person_no,
    relationship,
    is_dependent,
    age_at_last_day,
    age_at_last_day < 18 as is_under_18_at_last_day,
    coalesce(pregnant, false) as pregnant,
    sex
from people_with_dependency
