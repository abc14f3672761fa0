-- One row per month of the metric window: households in bed and breakfast on its last day, and those over 42 days.
-- Key: first_day
-- Title: Households in bed and breakfast at each month's end, families and those over six weeks
with months as (
    select
        starts.month_start::date as first_day,
        least(last_day(starts.month_start)::date, metric_window.last_day) as last_day,
    from metric_window
    cross join
        unnest(generate_series(metric_window.first_day, metric_window.last_day, interval 1 month))
            as starts (month_start)
),

in_bb as (
    select
        months.first_day,
        months.last_day,
        stay_segments.case_ref,
        stay_segments.placement_entry_date,
        stay_households.has_dependent_children,
    from stay_segments
    inner join months
        on
            stay_segments.from_date <= months.last_day
            and (stay_segments.to_date is null or stay_segments.to_date > months.last_day)
    inner join stay_households on stay_segments.case_ref = stay_households.case_ref
    where stay_segments.ta_type = 'bb'
),

with_days as (
    select
        in_bb.first_day,
        in_bb.case_ref,
        in_bb.has_dependent_children,
        -- All placements count together only since April to June 2024 (hclic-spec 4.1).
        case
            when in_bb.last_day >= setting.bb_all_placements_from
                then sum(nights_by(bb_spans.from_date, bb_spans.to_date, in_bb.last_day))
            else in_bb.last_day - in_bb.placement_entry_date
        end as days_in_bb,
    from in_bb
    cross join setting
    inner join bb_spans on in_bb.case_ref = bb_spans.case_ref and in_bb.last_day >= bb_spans.from_date
    group by
        in_bb.first_day,
        in_bb.last_day,
        in_bb.case_ref,
        in_bb.has_dependent_children,
        in_bb.placement_entry_date,
        setting.bb_all_placements_from
),

judged as (
    select
        with_days.*,
        with_days.days_in_bb > setting.bb_weeks_limit_nights as is_over,
    from with_days
    cross join setting
),

counted as (
    select
        months.first_day,
        months.last_day,
        count(judged.case_ref) as count_households,
        count(judged.case_ref) filter (where judged.is_over) as count_over_42,
        count(judged.case_ref) filter (where judged.has_dependent_children) as count_families,
        count(judged.case_ref) filter (
            where judged.has_dependent_children and judged.is_over
        ) as count_families_over_42,
    from months
    left join judged on months.first_day = judged.first_day
    group by months.first_day, months.last_day
)

select * from counted
order by first_day
