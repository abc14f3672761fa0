-- One row per case of which no person of the earlier run is found again in this export, by date of birth or by name.
-- Key: case_ref
-- Where names are not known, a day of application that has not changed speaks for the same household: then it is the
-- date of birth that was corrected.
with known as (
    select
        case_ref,
        bool_or(date_of_birth is not null) as has_birth,
        bool_or(full_name is not null) as has_name
    from before.known_people
    group by case_ref
),

now as (
    select
        case_ref,
        bool_or(date_of_birth is not null) as has_birth,
        bool_or(full_name is not null) as has_name
    from before.people_now
    group by case_ref
),

found_again as (
    select people_now.case_ref
    from before.people_now
    semi join before.known_people
        on people_now.case_ref = known_people.case_ref and people_now.date_of_birth = known_people.date_of_birth
    union
    select people_now.case_ref
    from before.people_now
    semi join before.known_people
        on people_now.case_ref = known_people.case_ref and people_now.full_name = known_people.full_name
)

select known.case_ref
from known
inner join now on known.case_ref = now.case_ref
inner join before.main as main_before on known.case_ref = main_before.case_ref
inner join one_main as main_now on known.case_ref = main_now.case_ref
anti join found_again on known.case_ref = found_again.case_ref
where
    (known.has_name and now.has_name)
    or (
        known.has_birth and now.has_birth
        and main_before.application_date is distinct from main_now.application_date
    )
