-- One row per cell and household, or household and need, behind it.
-- Key: cell, reference
with households_by_need as (
    select
        case support_need_state
            when 'some' then 'n.' || least(count_support_needs, 3)
            else support_need_state
        end as cell,
        case_ref as reference
    from base_owed
),

needs as (
    select distinct
        'need.' || support_needs.support_need as cell,
        support_needs.case_ref || '#' || support_needs.support_need as reference
    from support_needs
    inner join codelist_support_need as codes on support_needs.support_need = codes.code
    semi join base_owed on support_needs.case_ref = base_owed.case_ref
    where codes.is_need is not null
),

final as (
    select * from households_by_need
    union all
    select * from needs
)

select * from final
