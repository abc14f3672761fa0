-- Placements under s188(1) that go on after no priority need was notified (else decided).
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.exit_date::varchar as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
cross join period
where
    temporary_accommodation.taduty = 's188_1'
    and case_facts.main_decision = 'no_priority_need'
    and coalesce(temporary_accommodation.exit_date, period.last_day)
    > coalesce(case_facts.main_decision_notified_date, case_facts.main_decision_date)
