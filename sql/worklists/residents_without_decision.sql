-- One row per household in temporary accommodation that should have a main duty decision by now and has none.
-- Key: case_ref
-- Relief has ended or has run for 56 days; or no relief duty is on record and the stay is longer than that.
with waiting as (
    select
        case_ta_no_decision.*,
        metric_window.last_day,
        relief.end_date as relief_end,
        case
            when relief.end_date < metric_window.last_day then 'Relief has ended'
            when case_ta_no_decision.relief_day_no > 56 then 'Relief past 56 days'
            when case_ta_no_decision.relief_start is null and case_ta_no_decision.days_in_ta >= 56
                then 'No relief duty on record'
        end as reason,
        case
            when relief.end_date < metric_window.last_day then relief.end_date
            when case_ta_no_decision.relief_start is not null then case_ta_no_decision.relief_start + 55
            else case_ta_no_decision.stay_entry_date + 55
        end as due_since
    from case_ta_no_decision
    cross join metric_window
    left join duties as relief on case_ta_no_decision.case_ref = relief.case_ref and relief.duty = 'relief'
)

select
    waiting.case_ref,
    listed_cases.your_reference,
    listed_cases.officer,
    listed_cases.team,
    waiting.reason,
    waiting.stay_entry_date as in_ta_since,
    waiting.days_in_ta as days,
    duties_named.label as taduty,
    waiting.relief_start,
    waiting.relief_end,
    waiting.last_day - waiting.due_since as days_waiting
from waiting
left join listed_cases on waiting.case_ref = listed_cases.case_ref
left join codelist_taduty as duties_named on waiting.taduty = duties_named.code
where waiting.reason is not null
order by days_waiting desc, waiting.days_in_ta desc, waiting.case_ref asc
