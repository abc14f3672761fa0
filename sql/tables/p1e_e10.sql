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
        'b.' || stage || '.' || case
            when accommodation in ('prs_self', 'prs_lodging') and activity = 'helped_with_payment' then 'prs_incentive'
            when accommodation in ('prs_self', 'prs_lodging') then 'prs'
            else accommodation
        end as cell,
        case_ref as reference
    from moved
),

final as (
    select * from stayed
    union all
    select * from moved_by_kind
)

select * from final
