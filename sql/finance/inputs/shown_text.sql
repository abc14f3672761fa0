-- One row per field and free text that may stand in the mart: enough cases share it and it is nothing of a person's.
-- Key: field, value
-- A shifted row carries a name into any column; such a text is rare, or is known from the people section.
with written as (
    select
        case_ref,
        'team' as field,
        team as value,
    from households
    union all
    select
        case_ref,
        'cost_centre',
        cost_centre,
    from placements
    union all
    select
        case_ref,
        'lha_area',
        lha_area,
    from placements
),

personal as (
    select lower(trim(forename)) as value,
    from recorded.people
    union
    select lower(trim(surname)),
    from recorded.people
    union
    select lower(trim(concat_ws(' ', forename, surname))),
    from recorded.people
    union
    select lower(trim(nino)),
    from recorded.people
    union
    select lower(trim(last_address)),
    from recorded.people
    union
    select lower(trim(case_ref)),
    from recorded.main
    union
    select lower(trim(local_ref)),
    from recorded.main
    union
    select lower(trim(officer)),
    from recorded.main
    union
    select lower(trim(previous_officer)),
    from recorded.main
),

shared as (
    select
        written.field,
        written.value,
    from written
    cross join setting
    where written.value is not null
    group by written.field, written.value
    having count(distinct written.case_ref) >= any_value(setting.suppress_below)
)

select shared.*
from shared
anti join personal on lower(trim(shared.value)) = personal.value
