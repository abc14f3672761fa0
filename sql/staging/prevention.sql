-- One row per case that was owed a prevention duty by the masking day.
-- Key: case_ref
with rows_as_recorded as (
    select
        prevention.*,
        reporting_period.mask_after,
        coalesce(prevention.prevention_end > reporting_period.mask_after, false) as ends_later
    from prevention
    cross join reporting_period
),

masked as (
    select
        case_ref,
        prevention_start,
        if(ends_later, null, prevention_end) as prevention_end,
        if(ends_later, null, prevention_outcome) as prevention_outcome,
        if(ends_later, null, prevention_activity) as prevention_activity,
        if(ends_later, null, accom_pr) as accom_pr,
        if(ends_later, null, prevention_accom_la) as prevention_accom_la,
        if(prevention_notified_date > mask_after, null, prevention_notified_date) as prevention_notified_date,
        if(ends_later or prevention_end_notified_date > mask_after, null, prevention_end_notified_date)
            as prevention_end_notified_date
    from rows_as_recorded
    where prevention_start <= mask_after
)

select * from masked
