-- One row per placement open on the quarter's last day although its case or its duty had ended: what if it ended then.
-- Key: case_ref, placement_no
with closings as (
    select
        case_ref,
        coalesce(main_duty_end, closed_date, case_closed_date) as day
    from cases
)

select
    placements.case_ref,
    'temporary_accommodation' as section,
    placements.placement_no,
    'exit_date' as field,
    closings.day,
    greatest(closings.day, placements.entry_date) as supposed
from placements
inner join closings on placements.case_ref = closings.case_ref
cross join reporting_period
where
    is_open_on(placements.entry_date, placements.exit_date, reporting_period.last_day)
    and closings.day <= reporting_period.last_day
order by placements.case_ref, placements.placement_no
