-- One row per day (window's last, and of the year before), type and site ('all' is the total of either): households.
-- Key: day, ta_type, site
-- Title: Households in temporary accommodation by type and by hostel or site, and those over six months
-- Over six months is six calendar months or more of the stay, as in TA4's bands; the place is the one of that day.
with placed as (
    select
        stay_in_progress.day,
        stay_in_progress.months,
        stay_in_progress.ta_type,
        coalesce(stay_segments.site, 'not recorded') as site,
    from stay_in_progress
    inner join metric_window
        on
            stay_in_progress.day = metric_window.last_day
            or stay_in_progress.day = last_day((metric_window.last_day - interval 1 year)::date)
    inner join stay_segments
        on
            stay_in_progress.case_ref = stay_segments.case_ref
            and stay_in_progress.day >= stay_segments.from_date
            and (stay_segments.to_date is null or stay_in_progress.day < stay_segments.to_date)
),

counted as (
    select
        day,
        coalesce(ta_type, 'all') as ta_type,
        coalesce(site, 'all') as site,
        count(*) as count_households,
        count(*) filter (where months >= 6) as count_over_six_months,
    from placed
    group by grouping sets ((day), (day, ta_type), (day, site))
)

select * from counted
order by day, ta_type, site
