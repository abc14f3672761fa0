-- One row per cell and review behind it.
-- Key: cell, reference
with numbered as (
    select
        review_dates.*,
        review_dates.case_ref || '#' || review_dates.review_no as reference
    from review_dates
),

final as (
    select
        'requested' as cell,
        numbered.reference
    from numbered
    cross join reporting_period
    where numbered.review_requested_date between reporting_period.first_day and reporting_period.last_day
    union all
    select
        'decided',
        numbered.reference
    from numbered
    cross join reporting_period
    where numbered.review_outcome_date between reporting_period.first_day and reporting_period.last_day
    union all
    select
        'open',
        reference
    from numbered
    where is_open_on_last_day
)

select * from final
