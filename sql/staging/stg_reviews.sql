-- One row per review requested by the masking day.
-- Key: case_ref, review_no
with rows_of_run as (
    select
        snapshot_reviews.*,
        reporting_period.mask_after,
        coalesce(snapshot_reviews.review_outcome_date > reporting_period.mask_after, false) as ends_later
    from snapshot_reviews
    inner join reporting_period on snapshot_reviews.run_id = reporting_period.run_id
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
        review_due_date
    from rows_of_run
    where review_requested_date <= mask_after
)

select * from masked
