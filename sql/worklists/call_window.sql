-- One row: the calendar quarter that holds the day after the worklists' own, in which the calls are due.
-- Key: first_day
select
    date_trunc('quarter', last_day + 1)::date as first_day,
    (date_trunc('quarter', last_day + 1) + interval 3 month)::date - 1 as last_day
from metric_window
