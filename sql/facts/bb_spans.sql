-- One row per stretch of days that a household was in bed and breakfast, over all placements, without overlap.
-- Key: case_ref, from_date
-- A night in two rooms is one night: each placement adds only what lies after all those entered before it.
with placed as (
    select
        case_ref,
        entry_date,
        coalesce(exit_date, date '9999-12-31') as exit_or_forever
    from placements
    where ta_type = 'bb'
),

reached as (
    select
        *,
        max(exit_or_forever) over (
            partition by case_ref order by entry_date, exit_or_forever
            rows between unbounded preceding and 1 preceding
        ) as reached_before
    from placed
),

added as (
    select
        case_ref,
        greatest(entry_date, reached_before) as from_date,
        exit_or_forever
    from reached
)

select
    case_ref,
    from_date,
    nullif(exit_or_forever, date '9999-12-31') as to_date
from added
where exit_or_forever > from_date
