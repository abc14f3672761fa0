-- One row per household whose days in bed and breakfast pass six weeks, or will where it is still there: on which day.
-- Key: case_ref
-- A period, or a total of periods, over all placements (Suitability Order 2003 article 4): the day after the 42nd.
with counted as (
    select
        case_ref,
        from_date,
        to_date,
        coalesce(
            sum(to_date - from_date) over (
                partition by case_ref order by from_date
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as days_before
    from bb_spans
)

select
    counted.case_ref,
    counted.from_date + cast(setting.bb_weeks_limit_nights - counted.days_before as integer) + 1 as passes_limit_on
from counted
cross join setting
where
    counted.days_before <= setting.bb_weeks_limit_nights
    and coalesce(
        counted.days_before + (counted.to_date - counted.from_date) > setting.bb_weeks_limit_nights,
        true
    )
