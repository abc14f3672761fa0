-- One row per case decided after relief by the masking day.
-- Key: case_ref
with rows_as_recorded as (
    select
        final_duties.*,
        reporting_period.mask_after,
        coalesce(final_duties.main_duty_end > reporting_period.mask_after, false) as ends_later
    from final_duties
    cross join reporting_period
),

masked as (
    select
        case_ref,
        main_decision_date,
        main_decision,
        pneed,
        if(ends_later, null, main_duty_end) as main_duty_end,
        if(ends_later, null, main_duty_outcome) as main_duty_outcome,
        if(ends_later, null, main_accom) as main_accom,
        if(ends_later, null, main_accom_la) as main_accom_la,
        if(main_decision_notified_date > mask_after, null, main_decision_notified_date)
            as main_decision_notified_date,
        if(ends_later or main_duty_end_notified_date > mask_after, null, main_duty_end_notified_date)
            as main_duty_end_notified_date
    from rows_as_recorded
    where main_decision_date <= mask_after
)

select * from masked
