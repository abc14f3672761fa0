-- One row per placement: whether it is open on the quarter's last day, and whether the duty that it names has ended.
-- Key: case_ref, placement_no
-- A duty of later was brought about by an event after the masking day, such as an acceptance of the main duty.
-- The duty has ended where nothing follows under which the household is accommodated. A household found intentionally
-- homeless, referred or not co-operating stays under a duty (Housing Act 1996 s190(2), s200(1), s193C(4)), and one
-- whose main duty was accepted under s193(2): its interim placement is named late, not without a duty.
with reviewed as (
    select
        case_ref,
        bool_or(is_open_on_last_day) as has_open_review
    from review_dates
    cross join reporting_period
    where review_requested_date <= last_day
    group by case_ref
),

asked_for_review as (
    select
        case_ref,
        min(review_requested_date) as first_request
    from review_dates
    group by case_ref
),

joined as (
    select
        placements.case_ref,
        placements.placement_no,
        placements.entry_date,
        placements.exit_date,
        placements.ta_type,
        placements.taduty,
        codes.ends_with,
        case codes.begins_with
            when 'acceptance' then if(cases.is_accepted, cases.main_decision_date, null)
            when 'intentionality' then if(cases.main_decision = 'intentional', cases.main_decision_date, null)
            when 'refusal to co-operate' then if(cases.relief_outcome = 'refused_coop', cases.relief_end, null)
            when 'relief' then cases.relief_start
            when 'review' then asked_for_review.first_request
        end as duty_begins,
        reporting_period.mask_after,
        reporting_period.last_day,
        not cases.is_duty_owed as is_no_duty_owed,
        cases.assess_date <= reporting_period.last_day as is_assessed,
        cases.is_accepted and cases.main_duty_end <= reporting_period.last_day as is_main_duty_ended,
        cases.relief_end <= reporting_period.last_day as is_relief_ended,
        cases.relief_goes_on_to is null as is_relief_the_last_duty,
        coalesce(cases.main_decision_date <= reporting_period.last_day, false) as is_decided,
        decisions_made.goes_on_under as decision_goes_on_under,
        reviewed.has_open_review
    from placements
    cross join reporting_period
    left join cases on placements.case_ref = cases.case_ref
    left join codelist_taduty as codes on placements.taduty = codes.code
    left join codelist_main_decision as decisions_made on cases.main_decision = decisions_made.code
    left join reviewed on placements.case_ref = reviewed.case_ref
    left join asked_for_review on placements.case_ref = asked_for_review.case_ref
)

select
    case_ref,
    placement_no,
    ta_type,
    taduty,
    entry_date,
    coalesce(entry_date <= mask_after and duty_begins > mask_after, false) as is_duty_of_later,
    coalesce(is_open_on(entry_date, exit_date, last_day), false) as is_open_on_last_day,
    coalesce(
        case ends_with
            when 'main duty' then is_main_duty_ended
            when 'relief' then is_relief_ended
            when 'decision'
                then
                    is_assessed
                    and (
                        is_no_duty_owed
                        or (is_decided and decision_goes_on_under is null)
                        or is_main_duty_ended
                        or (not is_decided and is_relief_ended and is_relief_the_last_duty)
                    )
            when 'review' then not has_open_review
        end,
        false
    ) as is_duty_ended
from joined
