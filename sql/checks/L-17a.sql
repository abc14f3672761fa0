-- Families in bed and breakfast on the last day whose nights there, over all placements, exceed six weeks.
-- Key: case_ref, record_key
select
    placement_duties.case_ref,
    'placement_no=' || placement_duties.placement_no as record_key,
    bb_nights.nights || ' days' as shown,
from placement_duties
inner join cases on placement_duties.case_ref = cases.case_ref
inner join bb_nights on placement_duties.case_ref = bb_nights.case_ref
cross join setting
where
    placement_duties.ta_type = 'bb'
    and placement_duties.is_open_on_last_day
    and (cases.has_dependent_children or cases.has_pregnant_member)
    and bb_nights.nights > setting.bb_weeks_limit_nights
