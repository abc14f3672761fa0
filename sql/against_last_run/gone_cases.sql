-- One row per case that was open in the earlier run and is not in this export, with the reference it seems to have now.
-- Key: case_ref
-- It has come back under another reference where a case that is new was applied for on the same day and has a person of
-- the same date of birth, whose name is the same as far as both are known.
with gone as (
    select
        main_before.case_ref,
        main_before.application_date
    from before.main as main_before
    inner join gone.cases as closings on main_before.case_ref = closings.case_ref
    anti join main as main_now on main_before.case_ref = main_now.case_ref
    where closings.case_closed_date is null
),

come as (
    select
        main_now.case_ref,
        main_now.application_date
    from one_main as main_now
    anti join before.main as main_before on main_now.case_ref = main_before.case_ref
),

come_back as (
    select
        gone.case_ref,
        min(come.case_ref) as new_case_ref
    from gone
    inner join come on gone.application_date = come.application_date
    inner join before.known_people as person on gone.case_ref = person.case_ref
    inner join before.people_now as person_now
        on come.case_ref = person_now.case_ref and person.date_of_birth = person_now.date_of_birth
    where coalesce(person.full_name = person_now.full_name, true)
    group by gone.case_ref
)

select
    gone.case_ref,
    come_back.new_case_ref
from gone
left join come_back on gone.case_ref = come_back.case_ref
