-- One row per stay and dimension, for 'type' per span in one type: what the survival estimate is made from.
-- Key: dimension, case_ref, stay_no, entry_date
with in_type as (
    select
        dimension,
        value,
        case_ref,
        stay_no,
        from_date as entry_date,
        to_date as exit_date,
    from stay_spells
    where dimension in ('type', 'type_children')
),

whole_stays as (
    select
        stay_spells.dimension,
        stay_spells.value,
        stays.case_ref,
        stays.stay_no,
        stays.entry_date,
        stays.exit_date,
    from stay_spells
    inner join stays on stay_spells.case_ref = stays.case_ref and stay_spells.stay_no = stays.stay_no
    where stay_spells.dimension in ('all', 'household', 'children') and stay_spells.is_entry
),

exposure as (
    select * from in_type
    union all
    select * from whole_stays
)

select * from exposure
