-- One row per headline count of this export.
-- Key: headline
with counted as (
    select
        (select count(*) from main) as cases,
        (select count(*) from main where assess_date between first_day and last_day) as assessments,
        (select count(*) from temporary_accommodation where exit_date is null) as placements,
        (select count(*) from people) as persons,
        as_at >= last_day as is_whole_quarter
    from reporting_period
)

select
    'cases' as headline,
    'The number of cases in the export' as what,
    cases::double as value,
    false as is_average,
    cases
from counted
union all
select
    'assessments',
    'The number of assessments in the quarter',
    if(is_whole_quarter, assessments, null)::double,
    false,
    cases
from counted
union all
select
    'placements',
    'The number of placements without an exit',
    placements::double,
    false,
    cases
from counted
union all
select
    'people per case',
    'The number of people per case',
    persons / nullif(cases, 0),
    true,
    cases
from counted
