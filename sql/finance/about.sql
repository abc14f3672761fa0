-- One row per fact about this mart.
-- Key: item
-- Columns:
--   item: what is said
--   value: the fact, as text
with facts as (
    select
        1 as item_no,
        'edition' as item,
        'internal: rows about households, under pseudonyms, without suppression of small numbers; not for publication'
            as value,
    union all
    select
        2,
        'pseudonyms',
        pseudonyms,
    from mart_choice
    union all
    select
        3,
        'authority',
        la_code,
    from reporting_period
    union all
    select
        4,
        'quarter',
        quarter,
    from reporting_period
    union all
    select
        5,
        'last_day',
        cast(last_day as varchar),
    from reporting_period
    union all
    select
        6,
        'as_at',
        cast(as_at as varchar),
    from reporting_period
    union all
    select
        7,
        'nothing_dated_after',
        cast(mask_after as varchar),
    from reporting_period
    union all
    select
        8,
        'run_id',
        run_id,
    from reporting_period
    union all
    select
        9,
        'withheld',
        'stands for a team, cost centre or LHA area that fewer than ' || suppress_below
        || ' cases share, or that is also the name, address or number of a person or case',
    from setting
)

select
    item,
    value,
from facts
order by item_no
