-- Main duty placements without an acceptance; legacy and referred cases excepted. Entry before the decision is normal.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.taduty as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
where
    temporary_accommodation.taduty = 's193_2'
    and not case_facts.is_accepted
    and not case_facts.is_legacy
    and coalesce(case_facts.main_decision, '') <> 'local_connection'
    and coalesce(case_facts.referral, '') <> 'other_la'
