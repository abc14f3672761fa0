-- One row per placement, of the return's cases.
-- Key: case_ref, placement_no
select
    temporary_accommodation.case_ref,
    temporary_accommodation.placement_no,
    temporary_accommodation.entry_date,
    temporary_accommodation.exit_date,
    temporary_accommodation.taduty,
    temporary_accommodation.ta_type,
    temporary_accommodation.ta_la,
    temporary_accommodation.exit_reason,
from stg_temporary_accommodation as temporary_accommodation
semi join selected_cases on temporary_accommodation.case_ref = selected_cases.case_ref
order by temporary_accommodation.case_ref, temporary_accommodation.placement_no
