-- One row per quarter of the metric window, dimension and value: stock on its last day, flow and nights.
-- Key: dimension, value, first_day
-- Title: Households in temporary accommodation each quarter: stock, entries, exits and nights
with dated as (
    select
        *,
        make_date(year(first_day), 3 * quarter(first_day) - 2, 1) as period_first_day,
    from stock_month
),

summed as (
    select
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
    group by dimension, value, period_first_day
)

select * from summed
order by dimension, value, first_day
