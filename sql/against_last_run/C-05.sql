-- Headline counts that moved by more than their own history, or without enough of it more than a fixed share.
-- Key: headline
-- Both what it was and what it is are of exports; the change of a quarter is the quotient of two quarters in a row.
with changes as (
    select
        headline,
        value / lag(value) over by_quarter as change,
        quarter_no - lag(quarter_no) over by_quarter as quarters
    from before.earlier_count
    where is_last_of_quarter
    window by_quarter as (partition by headline order by quarter_no)
),

ranges as (
    select
        headline,
        count(*) as count_changes,
        min(change) as lowest,
        max(change) as highest
    from changes
    where quarters = 1 and isfinite(change)
    group by headline
),

compared as (
    select
        count_now.headline,
        count_now.what,
        earlier.value as value_before,
        count_now.value as value_now,
        coalesce(ranges.count_changes, 0) >= setting.count_change_quarters as has_history,
        setting.count_change_floor as floor,
        if(count_now.is_average, setting.count_change_floor, setting.count_change_limit) as fixed,
        ranges.lowest,
        ranges.highest,
        abs(count_now.value - earlier.value) * if(count_now.is_average, count_now.cases, 1) as moved,
        setting.count_change_least
    from before.count_now
    inner join before.earlier_count as earlier
        on count_now.headline = earlier.headline and earlier.is_compared
    left join ranges on count_now.headline = ranges.headline
    cross join setting
    where earlier.value is not null and count_now.value is not null
),

limited as (
    select
        *,
        if(has_history, least(lowest, 1 - floor), 1 - fixed) as low,
        if(has_history, greatest(highest, 1 + floor), 1 + fixed) as high
    from compared
)

select
    headline,
    what,
    value_before,
    value_now,
    has_history,
    low,
    high
from limited
where
    moved >= count_change_least
    and (value_before = 0 or value_now < value_before * low or value_now > value_before * high)
