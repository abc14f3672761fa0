-- One row per household member, with the ages reached on the days of assessment and decision and by the last day.
-- Key: case_ref, person_no
with aged as (
    select
        people.*,
        coalesce(
            age_on(people.date_of_birth, coalesce(one_main.assess_date, one_main.application_date)),
            if(
                people.date_of_birth is null,
                age_carried(people.age, people.age_date, coalesce(one_main.assess_date, one_main.application_date)),
                null
            )
        ) as age_at_assessment,
        coalesce(
            age_on(people.date_of_birth, one_final_duties.main_decision_date),
            if(
                people.date_of_birth is null,
                age_carried(people.age, people.age_date, one_final_duties.main_decision_date),
                null
            )
        ) as age_at_decision,
        coalesce(
            age_on(people.date_of_birth, reporting_period.last_day),
            age_carried(people.age, people.age_date, reporting_period.last_day)
        ) as age_at_last_day,
        people.date_of_birth is not null or people.age is not null as is_age_known,
        relations.heads_household is not null as heads_household,
        -- Adult or child, nothing says which.
        people.dependent is null
        and people.date_of_birth is null
        and people.age is null
        and (relations.code is null or relations.is_unknown is not null) as is_unplaced
    from people
    cross join reporting_period
    left join one_main on people.case_ref = one_main.case_ref
    left join one_final_duties on people.case_ref = one_final_duties.case_ref
    left join codelist_relationship as relations on people.relationship = relations.code
),

-- Dependency is a flag of its own, free of age; the rule by age speaks only where the export has no flag: under 16, or
-- under 19 and in education or unable to support themselves (Code of Guidance 8.6), and living with the applicant.
with_dependency as (
    select
        *,
        not heads_household
        and coalesce(
            dependent,
            coalesce(lives_with_applicant, true)
            and (
                age_at_last_day < 16
                or (age_at_last_day between 16 and 18 and (in_education or unable_to_support))
                or (relationship = 'dependent_child' and coalesce(age_at_last_day, 0) <= 18)
            ),
            false
        ) as is_dependent,
        not heads_household
        and coalesce(
            dependent,
            coalesce(lives_with_applicant, true)
            and (
                age_at_assessment < 16
                or (age_at_assessment between 16 and 18 and (in_education or unable_to_support))
                or (relationship = 'dependent_child' and coalesce(age_at_assessment, 0) <= 18)
            ),
            false
        ) as was_dependent_at_assessment
    from aged
)

select
    case_ref,
    person_no,
    relationship,
    is_dependent,
    age_at_last_day,
    age_at_last_day < 18 as is_under_18_at_last_day,
    coalesce(pregnant, false) as pregnant,
    sex,
    age_at_assessment,
    age_at_decision,
    is_age_known,
    heads_household,
    is_unplaced,
    was_dependent_at_assessment
from with_dependency
