-- One row per metric day (each quarter's last, the window's last, any asked for) and household in TA on it.
-- Key: day, case_ref
with in_ta as (
    select
        metric_days.day,
        stay_segments.case_ref,
        stay_segments.ta_type,
        stay_households.household_type,
        stay_households.has_dependent_children,
        stay_segments.is_out_of_district,
        case
            when setting.los_from = 'placement' then stay_segments.placement_entry_date
            else stay_segments.stay_entry_date
        end as counted_from,
    from stay_segments
    inner join stay_households on stay_segments.case_ref = stay_households.case_ref
    inner join metric_days
        on
            stay_segments.from_date <= metric_days.day
            and (stay_segments.to_date is null or stay_segments.to_date > metric_days.day)
    cross join setting
),

-- MHCLG's bands go by calendar month; the day of the month is ignored (synthesis-facts part 2).
measured as (
    select
        *,
        day - counted_from as days,
        12 * (year(day) - year(counted_from)) + month(day) - month(counted_from) as months,
    from in_ta
)

select * from measured
