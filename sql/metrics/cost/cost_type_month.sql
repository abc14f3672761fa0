-- One row per month and type, and for all types ('all'): placement nights and their cost in pounds.
-- Key: first_day, ta_type
-- Title: Cost of temporary accommodation each month by type
-- A sum with an empty part is empty, not the sum of the rest.
with summed as (
    select
        first_day,
        coalesce(ta_type, 'all') as ta_type,
        sum(placement_nights)::bigint as placement_nights,
        sum(nights_without_rate)::bigint as nights_without_rate,
        sum(nights_without_recoverable)::bigint as nights_without_recoverable,
        if(count(gross) = count(*), sum(gross), null)::decimal(18, 2) as gross,
        if(count(recoverable) = count(*), sum(recoverable), null)::decimal(18, 2) as recoverable,
        if(count(net) = count(*), sum(net), null)::decimal(18, 2) as net,
        sum(gross_known)::decimal(18, 2) as gross_known,
        sum(recoverable_known)::decimal(18, 2) as recoverable_known,
    from cost_month
    group by grouping sets ((first_day, ta_type), (first_day))
)

select
    summed.*,
    cost_basis.basis,
from summed
cross join cost_basis
order by summed.first_day, summed.ta_type
