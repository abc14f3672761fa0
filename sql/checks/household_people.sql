-- One row per person, with the age on the day of the assessment (else of the application). No names.
-- Key: case_ref, person_no
with case_days as (
    select
        case_ref,
        min(coalesce(assess_date, application_date)) as assessed_on,
    from main
    group by case_ref
),

aged as (
    select
        people.case_ref,
        people.person_no,
        people.relationship,
        people.dependent,
        people.pregnant,
        people.sex,
        people.date_of_birth is not null or people.age is not null as is_age_known,
        case
            when people.date_of_birth is null then people.age
            else datesub('year', people.date_of_birth, case_days.assessed_on)
        end as age_at_assessment,
        case
            when people.date_of_birth is null then people.age
            else datesub('year', people.date_of_birth, period.last_day)
        end as age_at_last_day,
    from people
    left join case_days on people.case_ref = case_days.case_ref
    cross join period
)

select * from aged
