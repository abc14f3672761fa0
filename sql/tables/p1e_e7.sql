-- One row per cell and household, or household and stay, behind it.
-- Key: cell, reference
with main_duties_ended as (
    select
        'reason.' || coalesce(duties.outcome, 'nk') as cell,
        duties.case_ref as reference
    from duties
    cross join reporting_period
    where
        duties.duty = 'main'
        and duties.end_date between reporting_period.first_day and reporting_period.last_day
),

stays_ended as (
    select
        stays.case_ref || '#' || stays.stay_no as reference,
        date_diff('month', stays.entry_date, stays.exit_date) as months
    from stays
    cross join reporting_period
    where stays.exit_date between reporting_period.first_day and reporting_period.last_day
),

final as (
    select * from main_duties_ended
    union all
    select
        'left.' || stay_band(months),
        reference
    from stays_ended
)

select * from final
