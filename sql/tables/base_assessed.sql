-- One row per household initially assessed in the quarter.
-- Key: case_ref
with assessed as (
    select households.*
    from households
    cross join reporting_period
    where
        households.assess_date between reporting_period.first_day and reporting_period.last_day
        and households.assess1 is not null
)

select * from assessed
