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
        case
            when months < 6 then 'left.under_6_months'
            when months < 12 then 'left.6_months_to_1_year'
            when months < 24 then 'left.1_to_2_years'
            when months < 60 then 'left.2_to_5_years'
            else 'left.5_years_plus'
        end,
        reference
    from stays_ended
)

select * from final
