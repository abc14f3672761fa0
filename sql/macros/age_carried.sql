-- Age in whole years on a day, carried from the day on which an age was taken; the birthday is not known.
-- The years between the two days are rounded to the nearest whole one: as many ages are a year too high as too low.
-- Without one of the days the age is taken as it stands.
create or replace macro age_carried(age, taken_on, on_date) as (
    if(
        age is null or taken_on is null or on_date is null,
        age,
        greatest(0, age + round(date_diff('day', taken_on, on_date) / 365.25)::bigint)
    )
)
