-- One row per month and pair of types between which households moved; 'came in' and 'left' stand for outside.
-- Key: first_day, from_type, to_type
-- Title: Moves between types of temporary accommodation
with spells as (
    select
        *,
        lag(value) over (partition by case_ref, stay_no order by from_date) as previous_value,
        lead(value) over (partition by case_ref, stay_no order by from_date) as next_value,
    from stay_spells
    where dimension = 'type'
),

moves as (
    select
        from_date as day,
        coalesce(previous_value, 'came in') as from_type,
        value as to_type,
    from spells
    union all
    select
        to_date as day,
        value as from_type,
        'left' as to_type,
    from spells
    where to_date is not null and next_value is null
),

counted as (
    select
        date_trunc('month', moves.day)::date as first_day,
        moves.from_type,
        moves.to_type,
        count(*) as count_moves,
    from moves
    inner join metric_window on moves.day between metric_window.first_day and metric_window.last_day
    group by all
)

select * from counted
order by first_day, from_type, to_type
