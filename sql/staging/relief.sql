-- One row per case that was owed a relief duty by the masking day.
-- Key: case_ref
with rows_as_recorded as (
    select
        relief.*,
        reporting_period.mask_after,
        coalesce(relief.relief_end > reporting_period.mask_after, false) as ends_later
    from relief
    cross join reporting_period
),

masked as (
    select
        case_ref,
        relief_start,
        if(ends_later, null, relief_end) as relief_end,
        if(ends_later, null, relief_outcome) as relief_outcome,
        if(ends_later, null, relief_activity) as relief_activity,
        if(ends_later, null, relief_accom) as relief_accom,
        if(ends_later, null, relief_accom_la) as relief_accom_la,
        if(ends_later, null, referred_la) as referred_la,
        if(relief_notified_date > mask_after, null, relief_notified_date) as relief_notified_date,
        if(ends_later or relief_end_notified_date > mask_after, null, relief_end_notified_date)
            as relief_end_notified_date
    from rows_as_recorded
    where relief_start <= mask_after
)

select * from masked
