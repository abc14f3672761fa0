-- One row per field and free text of the authority's own: in how many cases it stands.
-- Key: field, value
with written as (
    select
        case_ref,
        'team' as field,
        team as value,
    from households
    union all
    select
        case_ref,
        'site',
        site,
    from placements
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
)

select
    field,
    value,
    count(distinct case_ref) as count_cases,
from written
where value is not null
group by field, value
