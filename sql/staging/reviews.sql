-- One row per review requested by the masking day.
-- Key: case_ref, review_no
with rows_as_recorded as (
    select
        reviews.*,
        reporting_period.mask_after,
        coalesce(reviews.review_outcome_date > reporting_period.mask_after, false) as ends_later
    from reviews
    cross join reporting_period
),

masked as (
    select
        case_ref,
        review_no,
        review_requested_date,
        decision_reviewed,
        if(ends_later, null, review_outcome_date) as review_outcome_date,
        if(ends_later, null, review_outcome) as review_outcome,
        if(ends_later, null, appeal) as appeal,
        if(decision_notified_date > mask_after, null, decision_notified_date) as decision_notified_date,
        if(representations_received_date > mask_after, null, representations_received_date)
            as representations_received_date,
        review_due_date
    from rows_as_recorded
    where review_requested_date <= mask_after
)

select * from masked
