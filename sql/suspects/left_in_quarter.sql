-- One row per household's last placement that ended in the quarter, not near its last day: what if it were open still.
-- Key: case_ref, placement_no
with ended as (
    select
        placed.case_ref,
        placed.placement_no,
        placed.exit_date as day
    from temporary_accommodation as placed
    cross join reporting_period
    cross join reconciled_by
    where placed.exit_date between reporting_period.first_day and reporting_period.last_day - reconciled_by.days_near
),

still_placed as (
    select distinct placed.case_ref
    from temporary_accommodation as placed
    cross join reporting_period
    where is_open_on(placed.entry_date, placed.exit_date, reporting_period.last_day)
)

select
    ended.case_ref,
    'temporary_accommodation' as section,
    ended.placement_no,
    'exit_date' as field,
    ended.day,
    cast(null as date) as supposed
from ended
anti join still_placed on ended.case_ref = still_placed.case_ref
qualify row_number() over (partition by ended.case_ref order by ended.day desc, ended.placement_no desc) = 1
order by ended.case_ref, ended.placement_no
