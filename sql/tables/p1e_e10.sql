-- One row per cell and household behind it.
-- Key: cell, reference
-- The form counted help outside the duties of 2018, so its figures cannot be compared with these.
with stayed as (
    select
        'a.' || activity as cell,
        case_ref as reference
    from base_prevention_ended
    where outcome = 'secured_existing'
),

moved as (
    select
        case_ref,
        activity,
        accommodation,
        'prevented' as stage
    from base_prevention_ended
    where outcome = 'secured_alternative'
    union all
    select
        case_ref,
        activity,
        accommodation,
        'relieved'
    from base_relief_ended
    where is_secured
),

moved_by_kind as (
    select
        concat(
            'b.',
            moved.stage,
            '.',
            coalesce(homes.p1e_group, moved.accommodation),
            if(homes.p1e_group = 'prs' and moved.activity = 'helped_with_payment', '_incentive', '')
        ) as cell,
        moved.case_ref as reference
    from moved
    left join codelist_accommodation as homes on moved.accommodation = homes.code
),

final as (
    select * from stayed
    union all
    select * from moved_by_kind
)

select * from final
