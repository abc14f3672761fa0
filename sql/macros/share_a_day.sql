-- Whether two stretches of days [start, end) have a day in common; one without an end goes on.
create or replace macro share_a_day(start_a, end_a, start_b, end_b) as (
    start_a < coalesce(end_b, date '9999-12-31') and start_b < coalesce(end_a, date '9999-12-31')
)
