-- One row per financial year of the metric window, dimension and value: stock on its last day, flow and nights.
-- Key: dimension, value, first_day
-- Title: Households in temporary accommodation each financial year (April to March): stock, entries, exits and nights
select * exclude (period)
from stock_period
where period = 'financial year'
order by dimension, value, first_day
