-- One row per authority and count of the comparison: what its run counted, and what of it MHCLG's tables show.
-- Key: la_code, count_name
-- A count of which a column has no value has none, and the note of that column.
with official as (
    select
        official_cells.la_code,
        count_columns.count_name,
        case when count(official_cells.value) = count(*) then sum(official_cells.value) end as value,
        sum(official_cells.value) filter (where not official_cells.is_hidden) as shown_value,
        bool_and(official_cells.is_hidden) as is_hidden,
        coalesce(max(nullif(official_cells.note, '')), '') as note,
        true as is_public,
        true as is_counted,
    from official_cells
    inner join count_columns
        on
            official_cells.official_table = count_columns.official_table
            and official_cells.column_path = count_columns.column_path
    where official_cells.measure = 'count'
    group by official_cells.la_code, count_columns.count_name
),

final as (
    select * from official
    union all by name
    select
        la_code,
        count_name,
        value,
        null::double as shown_value,
        false as is_hidden,
        note,
        false as is_public,
        is_counted,
    from ledger_counts
)

select * from final
order by la_code, count_name
