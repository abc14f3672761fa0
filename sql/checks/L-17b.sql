-- Main applicants of 16 or 17 in bed and breakfast on the last day.
-- Key: case_ref, record_key
select
    placement_duties.case_ref,
    'placement_no=' || placement_duties.placement_no as record_key,
    placement_duties.ta_type as shown,
from placement_duties
inner join cases on placement_duties.case_ref = cases.case_ref
where
    placement_duties.is_open_on_last_day
    and placement_duties.ta_type = 'bb'
    and cases.applicant_age_at_last_day between 16 and 17
