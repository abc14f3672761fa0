-- One row per financial year and type, and for all types ('all'): placement nights and their cost in pounds.
-- Key: first_day, ta_type
-- Title: Cost of temporary accommodation each financial year by type
with dated as (
    select
        *,
        make_date(year(first_day - interval 3 month), 4, 1) as year_first_day,
    from cost_type_month
),

summed as (
    select
        year_first_day as first_day,
        ta_type,
        count(*) as count_months,
        sum(placement_nights)::bigint as placement_nights,
        sum(nights_without_rate)::bigint as nights_without_rate,
        sum(nights_without_recoverable)::bigint as nights_without_recoverable,
        if(count(gross) = count(*), sum(gross), null)::decimal(18, 2) as gross,
        if(count(recoverable) = count(*), sum(recoverable), null)::decimal(18, 2) as recoverable,
        if(count(net) = count(*), sum(net), null)::decimal(18, 2) as net,
    from dated
    group by year_first_day, ta_type
)

select
    summed.*,
    cost_basis.basis,
from summed
cross join cost_basis
order by summed.first_day, summed.ta_type
