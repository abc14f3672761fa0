-- Placements under s188(1) that go on after no priority need was notified (else decided).
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.exit_date::varchar as shown,
from temporary_accommodation
inner join cases on temporary_accommodation.case_ref = cases.case_ref
cross join reporting_period
where
    temporary_accommodation.taduty = 's188_1'
    and cases.main_decision = 'no_priority_need'
    and coalesce(temporary_accommodation.exit_date, reporting_period.last_day)
    > coalesce(cases.main_decision_notified_date, cases.main_decision_date)
