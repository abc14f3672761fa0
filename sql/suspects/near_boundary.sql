-- One row per event dated a few days to one side of the quarter's boundary, with the nearest day on the other.
-- Key: case_ref, section, placement_no, field
with dated as (
    select
        case_ref,
        'main' as section,
        cast(null as bigint) as placement_no,
        'assess_date' as field,
        assess_date as day
    from one_main
    union all
    select
        case_ref,
        'prevention',
        null,
        'prevention_end',
        prevention_end
    from one_prevention
    union all
    select
        case_ref,
        'relief',
        null,
        'relief_end',
        relief_end
    from one_relief
    union all
    select
        case_ref,
        'final_duties',
        null,
        'main_decision_date',
        main_decision_date
    from one_final_duties
    union all
    select
        case_ref,
        'final_duties',
        null,
        'main_duty_end',
        main_duty_end
    from one_final_duties
),

-- The tables of temporary accommodation are of the last day alone.
stays_dated as (
    select
        case_ref,
        'temporary_accommodation' as section,
        placement_no,
        'entry_date' as field,
        entry_date as day
    from temporary_accommodation
    union all
    select
        case_ref,
        'temporary_accommodation',
        placement_no,
        'exit_date',
        exit_date
    from temporary_accommodation
),

moved as (
    select
        dated.*,
        case
            when day between first_day - days_near and first_day - 1 then first_day
            when day between first_day and first_day + days_near - 1 then first_day - 1
            when day between last_day - days_near + 1 and last_day then last_day + 1
            when day between last_day + 1 and last_day + days_near then last_day
        end as supposed
    from dated
    cross join reporting_period
    cross join reconciled_by
    union all
    select
        stays_dated.*,
        case
            when day between last_day - days_near + 1 and last_day then last_day + 1
            when day between last_day + 1 and last_day + days_near then last_day
        end as supposed
    from stays_dated
    cross join reporting_period
    cross join reconciled_by
)

select
    case_ref,
    section,
    placement_no,
    field,
    day,
    supposed
from moved
where supposed is not null
order by case_ref, section, placement_no, field
