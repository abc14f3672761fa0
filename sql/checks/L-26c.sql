-- Placements open on the last day although the duty that they name has ended.
-- Key: case_ref, record_key
select
    temporary_accommodation.case_ref,
    'placement_no=' || temporary_accommodation.placement_no as record_key,
    temporary_accommodation.taduty as shown,
from temporary_accommodation
inner join case_facts on temporary_accommodation.case_ref = case_facts.case_ref
inner join taduty on temporary_accommodation.taduty = taduty.code
cross join period
where
    temporary_accommodation.entry_date <= period.last_day
    and coalesce(temporary_accommodation.exit_date > period.last_day, true)
    and (
        (taduty.duty_group = 's193' and case_facts.main_duty_end <= period.last_day)
        or (temporary_accommodation.taduty = 's189b_2' and case_facts.relief_end <= period.last_day)
        or (
            temporary_accommodation.taduty = 's188_1'
            and (
                (not case_facts.is_accepted and case_facts.main_decision_date <= period.last_day)
                or (
                    case_facts.relief_end <= period.last_day
                    and case_facts.relief_outcome <> 'elapsed_56'
                    and not case_facts.has_decision
                )
            )
        )
    )
