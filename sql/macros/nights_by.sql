-- Nights of a stretch of days [start, end) up to a day: the night that follows the day is not counted.
create or replace macro nights_by(start_date, end_date, on_date) as (
    greatest(least(coalesce(end_date, on_date), on_date) - start_date, 0)
)
