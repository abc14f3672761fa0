-- Main duty placements without an acceptance; legacy and referred cases excepted. Entry before the decision is normal.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.taduty as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
where
    temporary_accommodation.taduty = 's193_2'
    and not cases.is_accepted
    and not cases.is_legacy
    and coalesce(cases.main_decision, '') <> 'local_connection'
    and coalesce(cases.referral, '') <> 'other_la'
