-- One row per dimension, value and day on which the number of households in temporary accommodation can change.
-- Key: dimension, value, day
-- delta counts placements' spans, the other columns count stays: that they agree is checked, not assumed.
with flows as (
    select
        dimension,
        value,
        from_date as day,
        1 as delta,
        is_entry::integer as entries,
        0 as exits,
        is_transfer_in::integer as transfers_in,
        0 as transfers_out,
    from stay_spells
    union all
    select
        dimension,
        value,
        to_date as day,
        -1 as delta,
        0 as entries,
        is_exit::integer as exits,
        0 as transfers_in,
        is_transfer_out::integer as transfers_out,
    from stay_spells
    where to_date is not null
),

events as (
    select
        dimension,
        value,
        day,
        sum(delta)::bigint as delta,
        sum(entries)::bigint as entries,
        sum(exits)::bigint as exits,
        sum(transfers_in)::bigint as transfers_in,
        sum(transfers_out)::bigint as transfers_out,
    from flows
    group by dimension, value, day
)

select * from events
