-- One row per financial year and type, and for all types ('all'): gross and net cost per night, household and stay.
-- Key: first_day, ta_type
-- Title: Unit costs of temporary accommodation
-- Households and stays are those with at least one night of the type in the year.
with used as (
    select
        make_date(year(cost_charges.first_day - interval 3 month), 4, 1) as first_day,
        cost_charges.ta_type,
        cost_charges.case_ref,
        stays.stay_no,
    from cost_charges
    inner join stays
        on
            cost_charges.case_ref = stays.case_ref
            and cost_charges.from_date >= stays.entry_date
            and (stays.exit_date is null or cost_charges.from_date < stays.exit_date)
    group by all
),

counted as (
    select
        first_day,
        coalesce(ta_type, 'all') as ta_type,
        count(distinct case_ref) as count_households,
        count(distinct row(case_ref, stay_no)) as count_stays,
    from used
    group by grouping sets ((first_day, ta_type), (first_day))
),

unit_costs as (
    select
        cost_type_year.first_day,
        cost_type_year.ta_type,
        cost_type_year.placement_nights,
        counted.count_households,
        counted.count_stays,
        round(cost_type_year.gross / cost_type_year.placement_nights, 2)::decimal(18, 2) as gross_per_night,
        round(cost_type_year.gross / counted.count_households, 2)::decimal(18, 2) as gross_per_household,
        round(cost_type_year.gross / counted.count_stays, 2)::decimal(18, 2) as gross_per_stay,
        round(cost_type_year.net / cost_type_year.placement_nights, 2)::decimal(18, 2) as net_per_night,
        round(cost_type_year.net / counted.count_households, 2)::decimal(18, 2) as net_per_household,
        round(cost_type_year.net / counted.count_stays, 2)::decimal(18, 2) as net_per_stay,
    from cost_type_year
    inner join counted on cost_type_year.first_day = counted.first_day and cost_type_year.ta_type = counted.ta_type
)

select
    unit_costs.*,
    cost_basis.basis,
from unit_costs
cross join cost_basis
order by unit_costs.first_day, unit_costs.ta_type
