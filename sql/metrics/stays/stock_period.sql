-- One row per quarter and per financial year of the metric window, dimension and value: stock, flow and nights.
-- Key: period, dimension, value, first_day
with periods as (
    select unnest(['quarter', 'financial year']) as period
),

dated as (
    select
        stock_month.*,
        periods.period,
        case periods.period
            when 'quarter' then make_date(year(first_day), 3 * quarter(first_day) - 2, 1)
            when 'financial year' then make_date(year(first_day - interval 3 month), 4, 1)
        end as period_first_day,
    from stock_month
    cross join periods
)

select
    period,
    dimension,
    value,
    period_first_day as first_day,
    max(last_day) as last_day,
    arg_min(opening_stock, first_day) as opening_stock,
    sum(entries)::bigint as entries,
    sum(exits)::bigint as exits,
    sum(transfers_in)::bigint as transfers_in,
    sum(transfers_out)::bigint as transfers_out,
    arg_max(stock, first_day) as stock,
    sum(nights)::bigint as nights,
    count(*) as count_months,
from dated
group by period, dimension, value, period_first_day
