-- One row per family in bed and breakfast on the last day, or that passed 42 days there in its quarter and has left.
-- Key: case_ref
-- Title: Families in bed and breakfast: days so far against the limit of 42
-- Edition: internal
-- A family is a household with dependent children or a pregnant member.
-- Days are the union over all the case's B&B placements (Suitability Order 2003: a period, or total of periods).
with placed as (
    select
        placements.case_ref,
        count(*) as count_bb_placements,
        min(placements.entry_date) filter (
            where is_open_on(placements.entry_date, placements.exit_date, metric_window.last_day)
        ) as current_entry_date,
        max(placements.exit_date) as last_exit_date,
    from placements
    cross join metric_window
    where placements.ta_type = 'bb' and placements.entry_date <= metric_window.last_day
    group by placements.case_ref
),

counted as (
    select
        placed.case_ref,
        placed.count_bb_placements,
        placed.current_entry_date,
        placed.current_entry_date is not null as is_in_bb,
        if(placed.current_entry_date is null, placed.last_exit_date, null) as left_on,
        coalesce(
            sum(nights_by(bb_spans.from_date, bb_spans.to_date, metric_window.last_day)), 0
        )::bigint as days_in_bb,
    from placed
    cross join metric_window
    left join bb_spans on placed.case_ref = bb_spans.case_ref and metric_window.last_day >= bb_spans.from_date
    group by placed.case_ref, placed.count_bb_placements, placed.current_entry_date, placed.last_exit_date
),

under_review as (
    select distinct reviews.case_ref
    from reviews
    cross join metric_window
    where is_review_open(
        reviews.review_requested_date,
        reviews.review_outcome_date,
        reviews.review_outcome,
        reviews.appeal,
        metric_window.last_day
    )
),

worklist as (
    select
        counted.case_ref,
        households.officer,
        households.team,
        stay_households.has_dependent_children,
        stay_households.has_pregnant_member,
        coalesce(current_segment.ta_type = 'bb', false) as is_counted_as_bb,
        counted.current_entry_date,
        counted.count_bb_placements,
        counted.days_in_bb,
        bb_limits.passes_limit_on - 1 as reaches_limit_on,
        counted.left_on,
        case
            when not counted.is_in_bb then 'left over the limit'
            when counted.days_in_bb > setting.bb_weeks_limit_nights then 'over the limit'
            when counted.days_in_bb >= setting.bb_weeks_limit_nights - 14 then 'reaches the limit within 14 days'
            else 'under'
        end as state,
        under_review.case_ref is not null as is_under_review,
    from counted
    inner join stay_households on counted.case_ref = stay_households.case_ref
    cross join metric_window
    cross join setting
    left join bb_limits on counted.case_ref = bb_limits.case_ref
    left join households on counted.case_ref = households.case_ref
    left join under_review on counted.case_ref = under_review.case_ref
    left join stay_segments as current_segment
        on
            counted.case_ref = current_segment.case_ref
            and metric_window.last_day >= current_segment.from_date
            and (current_segment.to_date is null or metric_window.last_day < current_segment.to_date)
    where
        (
            counted.is_in_bb
            or (
                bb_limits.passes_limit_on <= metric_window.last_day
                and (
                    bb_limits.passes_limit_on >= date_trunc('quarter', metric_window.last_day)
                    or counted.left_on > date_trunc('quarter', metric_window.last_day)
                )
            )
        )
        and is_family(stay_households.has_dependent_children, stay_households.has_pregnant_member)
)

select * from worklist
order by left_on is not null, days_in_bb desc, case_ref asc
