-- One row per quarter's last day in the metric window and household in temporary accommodation on it.
-- Key: day, case_ref
with quarter_ends as (
    select (starts.quarter_start + interval 3 month)::date - 1 as day
    from metric_window
    cross join
        unnest(generate_series(
            date_trunc('quarter', metric_window.first_day), metric_window.last_day, interval 3 month
        )) as starts (quarter_start)
),

in_ta as (
    select
        quarter_ends.day,
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
    inner join quarter_ends
        on
            stay_segments.from_date <= quarter_ends.day
            and (stay_segments.to_date is null or stay_segments.to_date > quarter_ends.day)
    inner join metric_window on quarter_ends.day <= metric_window.last_day
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
