-- Start dates, dates of birth and references that are not what they were in the earlier run.
-- Key: case_ref, record_key, fields
-- What was blank and has been filled in is no change; of a case that names other people all else follows from that.
with started as (
    select
        case_ref,
        'main' as section,
        'application_date' as fields,
        application_date as day
    from before.main
    union all
    select
        case_ref,
        'prevention',
        'prevention_start',
        prevention_start
    from before.prevention
    union all
    select
        case_ref,
        'relief',
        'relief_start',
        relief_start
    from before.relief
),

started_now as (
    select
        case_ref,
        'application_date' as fields,
        application_date as day
    from one_main
    union all
    select
        case_ref,
        'prevention_start',
        prevention_start
    from one_prevention
    union all
    select
        case_ref,
        'relief_start',
        relief_start
    from one_relief
),

changed as (
    select
        started.case_ref,
        started.section,
        null::varchar as record_key,
        started.fields,
        started.day::varchar || ' -> ' || coalesce(started_now.day::varchar, '(blank)') as shown,
        case started.fields
            when 'application_date' then 'day of application'
            when 'prevention_start' then 'first day of the prevention duty'
            else 'first day of the relief duty'
        end as what
    from started
    inner join started_now on started.case_ref = started_now.case_ref and started.fields = started_now.fields
    where started.day is not null and started.day is distinct from started_now.day
    union all
    select
        case_ref,
        'temporary_accommodation',
        'placement_no=' || new_placement_no,
        'entry_date',
        entry_date::varchar || ' -> ' || coalesce(new_entry_date::varchar, '(blank)'),
        'first night of a placement'
    from before.gone_placements
    where new_placement_no is not null and entry_date is not null
    union all
    select
        known.case_ref,
        'people',
        'person_no=' || known.person_no,
        'date_of_birth',
        null::varchar,
        'date of birth of a person'
    from before.known_people as known
    inner join before.people_now as now on known.case_ref = now.case_ref and known.person_no = now.person_no
    -- Numbers within a household may be given anew.
    anti join before.people_now as found_again
        on known.case_ref = found_again.case_ref and known.date_of_birth = found_again.date_of_birth
    anti join before.known_people as known_before
        on now.case_ref = known_before.case_ref and now.date_of_birth = known_before.date_of_birth
    where
        known.date_of_birth is not null
        and coalesce(known.full_name = now.full_name, true)
    union all
    select
        new_case_ref,
        'main',
        null,
        'case_ref',
        case_ref || ' -> ' || new_case_ref,
        'reference of what seems to be the same case'
    from before.gone_cases
    where new_case_ref is not null
)

select changed.*
from changed
anti join before.other_people on changed.case_ref = other_people.case_ref
