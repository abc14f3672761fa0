-- Placements under a duty that an event after the quarter's end brought about.
-- Key: case_ref, record_key
select
    case_ref,
    'placement_no=' || placement_no as record_key,
    taduty as shown,
from placement_duties
where is_duty_of_later
