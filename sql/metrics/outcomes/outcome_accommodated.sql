-- One row per case and duty that ended with accommodation, with the next application of the same main applicant.
-- Key: case_ref, duty
-- Persons are compared by keyed hashes made in memory: of the National Insurance number, or of names and date of birth.
with ended as (
    select
        outcome_ended.case_ref,
        outcome_ended.duty,
        outcome_ended.end_date,
        outcome_ended.accommodation,
        (outcome_ended.end_date + to_months(metric_option.months_sustained::integer))::date as look_up_day,
    from outcome_ended
    cross join metric_option
    where outcome_ended.outcome_group = 'accommodated'
),

-- All cases of the run: a household of a cohort may come back outside it.
applications as (
    select
        case_person.person_key,
        main.case_ref,
        main.application_date,
    from case_person
    inner join main on case_person.case_ref = main.case_ref
    where not coalesce(main.advice_only, false)
),

returns as (
    select
        ended.case_ref,
        ended.duty,
        min(applications.application_date) as return_date,
    from ended
    inner join case_person on ended.case_ref = case_person.case_ref
    inner join applications
        on
            case_person.person_key = applications.person_key
            and ended.case_ref <> applications.case_ref
            and ended.end_date <= applications.application_date
    group by ended.case_ref, ended.duty
)

select
    ended.case_ref,
    ended.duty,
    ended.end_date,
    ended.look_up_day,
    ended.accommodation,
    ended.case_ref in (select case_person.case_ref from case_person) as can_be_linked,
    returns.return_date,
from ended
left join returns on ended.case_ref = returns.case_ref and ended.duty = returns.duty
