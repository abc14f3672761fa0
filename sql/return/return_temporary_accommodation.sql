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
from temporary_accommodation
order by temporary_accommodation.case_ref, temporary_accommodation.placement_no
