-- Placements open on the last day of cases whose duties have all ended, and that name no duty that has.
-- Key: case_ref, record_key
select
    placement_duties.case_ref,
    'placement_no=' || placement_duties.placement_no as record_key,
    placement_duties.entry_date::varchar as shown,
from placement_duties
inner join cases on placement_duties.case_ref = cases.case_ref
cross join reporting_period
where
    placement_duties.is_open_on_last_day
    and cases.case_closed_date <= reporting_period.last_day
    and coalesce(placement_duties.taduty, 'nk') = 'nk'
