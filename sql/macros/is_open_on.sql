-- Whether a stretch of days [start, end) holds a day: the end is no day of it, and one without an end goes on.
create or replace macro is_open_on(start_date, end_date, on_date) as (
    start_date <= on_date and coalesce(end_date > on_date, true)
)
