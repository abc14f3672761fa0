-- One row per household with a stay: the attributes that breakdowns use, as in the run's People section.
-- Key: case_ref
with in_stay as (
    select distinct case_ref from stays
),

dependents as (
    select
        ages.case_ref,
        bool_or(ages.age_at_last_day < 5) as is_under_5,
        bool_or(ages.age_at_last_day < 12) as is_under_12,
    from ages
    semi join in_stay on ages.case_ref = in_stay.case_ref
    where ages.is_dependent
    group by ages.case_ref
),

attributed as (
    select
        in_stay.case_ref,
        coalesce(households.household_type, 'nk') as household_type,
        coalesce(households.has_dependent_children, false) as has_dependent_children,
        coalesce(households.has_pregnant_member, false) as has_pregnant_member,
        coalesce(households.count_dependent_children, 0) as count_dependent_children,
        case
            when dependents.is_under_5 then 'under 5'
            when dependents.case_ref is null then 'none under 5'
            when dependents.is_under_5 is null then 'age not known'
            else 'none under 5'
        end as child_under_5,
        case
            when dependents.is_under_12 then 'under 12'
            when dependents.case_ref is null then 'none under 12'
            when dependents.is_under_12 is null then 'age not known'
            else 'none under 12'
        end as child_under_12,
    from in_stay
    left join households on in_stay.case_ref = households.case_ref
    left join dependents on in_stay.case_ref = dependents.case_ref
)

select * from attributed
