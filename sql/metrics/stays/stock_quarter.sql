-- One row per quarter of the metric window, dimension and value: stock on its last day, flow and nights.
-- Key: dimension, value, first_day
-- Title: Households in temporary accommodation each quarter: stock, entries, exits and nights
select * exclude (period)
from stock_period
where period = 'quarter'
order by dimension, value, first_day
