-- Placements open on the last day although the duty that they name has ended.
-- Key: case_ref, record_key
select
    case_ref,
    'placement_no=' || placement_no as record_key,
    taduty as shown,
from placement_duties
where is_open_on_last_day and is_duty_ended
