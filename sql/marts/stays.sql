-- One row per household stay: unbroken time in temporary accommodation over overlapping and touching placements.
-- Key: case_ref, stay_no
with intervals as (
    select
        case_ref,
        entry_date,
        -- An ending before the entry is an error of its own; here it is a placement of no nights.
        if(exit_date is null, date '9999-12-31', greatest(exit_date, entry_date)) as exit_or_forever
    from placements
    where not is_own_arrangements
),

with_previous_end as (
    select
        *,
        max(exit_or_forever) over (
            partition by case_ref order by entry_date, exit_or_forever
            rows between unbounded preceding and 1 preceding
        ) as previous_end
    from intervals
),

numbered as (
    select
        with_previous_end.*,
        sum(if(previous_end is null or entry_date > previous_end, 1, 0)) over in_order as span_no,
        sum(if(previous_end is null or entry_date - previous_end > setting.stay_gap_nights, 1, 0)) over in_order
            as stay_no
    from with_previous_end
    cross join setting
    window in_order as (
        partition by case_ref order by entry_date, exit_or_forever rows between unbounded preceding and current row
    )
),

-- Nights in a joining gap were not spent in temporary accommodation, so nights add up over the spans.
spans as (
    select
        case_ref,
        stay_no,
        span_no,
        min(entry_date) as entry_date,
        max(exit_or_forever) as exit_or_forever,
        count(*) as count_placements
    from numbered
    group by case_ref, stay_no, span_no
),

household_stays as (
    select
        case_ref,
        cast(stay_no as integer) as stay_no,
        min(entry_date) as entry_date,
        nullif(max(exit_or_forever), date '9999-12-31') as exit_date,
        cast(sum(count_placements) as integer) as count_placements,
        if(
            max(exit_or_forever) = date '9999-12-31', null, cast(sum(exit_or_forever - entry_date) as integer)
        ) as nights
    from spans
    group by case_ref, stay_no
)

select * from household_stays
