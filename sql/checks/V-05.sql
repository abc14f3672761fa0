-- Interim placements after the assessment of cases owed prevention that has not failed.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.taduty as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
inner join taduty on temporary_accommodation.taduty = taduty.code
where
    taduty.duty_group = 'interim'
    and temporary_accommodation.entry_date > case_facts.assess_date
    and case_facts.is_prevention_owed
    and coalesce(case_facts.prevention_outcome, '') not in ('homeless', 'refused_accom', 'refused_coop')
