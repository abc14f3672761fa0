-- One row per month of the metric window and age band: children of the households in temporary accommodation.
-- Key: first_day, age_band
-- Title: Children in temporary accommodation at each month's end, by age
-- Ages are of that day. Where only an age in years is known it is carried back from the last day of the quarter.
with months as (
    select
        starts.month_start::date as first_day,
        least(last_day(starts.month_start)::date, metric_window.last_day) as last_day,
    from metric_window
    cross join
        unnest(generate_series(metric_window.first_day, metric_window.last_day, interval 1 month))
            as starts (month_start)
),

children as (
    select
        ages.case_ref,
        ages.person_no,
        people.date_of_birth,
        ages.age_at_last_day,
    from ages
    inner join stay_households on ages.case_ref = stay_households.case_ref
    inner join people on ages.case_ref = people.case_ref and ages.person_no = people.person_no
    where ages.is_dependent
),

in_ta as (
    select
        months.first_day,
        case
            when children.date_of_birth is null
                then
                    children.age_at_last_day
                    - date_diff('month', months.last_day, reporting_period.last_day) // 12
            else age_on(children.date_of_birth, months.last_day)
        end as age,
    from stay_segments
    cross join reporting_period
    inner join months
        on
            stay_segments.from_date <= months.last_day
            and (stay_segments.to_date is null or stay_segments.to_date > months.last_day)
    inner join children on stay_segments.case_ref = children.case_ref
    where children.date_of_birth is null or children.date_of_birth <= months.last_day
),

-- An age carried back below 0 is a child not yet born.
banded as (
    select
        first_day,
        case
            when age is null then 'age not known'
            when age < 5 then '0 to 4'
            when age < 12 then '5 to 11'
            when age < 16 then '12 to 15'
            when age < 18 then '16 to 17'
            else '18 and over'
        end as age_band,
    from in_ta
    where age is null or age >= 0
),

counted as (
    select
        months.first_day,
        bands.age_band,
        count(banded.age_band) as count_children,
    from months
    cross join (
        values ('0 to 4'), ('5 to 11'), ('12 to 15'), ('16 to 17'), ('18 and over'), ('age not known')
    ) as bands (age_band)
    left join banded on months.first_day = banded.first_day and bands.age_band = banded.age_band
    group by months.first_day, bands.age_band
)

select * from counted
order by first_day, age_band
