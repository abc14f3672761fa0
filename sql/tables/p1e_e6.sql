-- One row per cell and household, or household and person, behind it.
-- Key: cell, reference
with in_ta as (
    select * from base_in_ta where not is_own_arrangements
),

final as (
    select
        cell,
        reference
    from ta1
    union all
    select
        'household.' || household_type,
        case_ref
    from in_ta
    union all
    select
        'duty.' || duty_group,
        case_ref
    from in_ta
)

select * from final
