-- Placements that were open in the earlier run and are gone without an exit; of a case that is gone, once for the case.
-- Key: case_ref, record_key
select
    gone_placements.case_ref,
    'temporary_accommodation' as section,
    'placement_no=' || gone_placements.placement_no as record_key,
    'entry_date' as fields,
    gone_placements.entry_date::varchar as shown,
    null::varchar as what
from before.gone_placements
anti join before.gone_cases on gone_placements.case_ref = gone_cases.case_ref
anti join before.other_people on gone_placements.case_ref = other_people.case_ref
where gone_placements.new_placement_no is null
