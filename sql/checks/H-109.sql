-- Placements open on the last day of cases whose duties have all ended, and that name no duty that has.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.entry_date::varchar as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
cross join period
where
    temporary_accommodation.entry_date <= period.last_day
    and coalesce(temporary_accommodation.exit_date > period.last_day, true)
    and case_facts.case_closed_date <= period.last_day
    and coalesce(temporary_accommodation.taduty, 'nk') = 'nk'
