-- One row per cell and household, or household and person, behind it.
-- Key: cell, reference
with in_ta as (
    select * from base_in_ta where not is_own_arrangements
),

own_arrangements as (
    select * from base_in_ta where is_own_arrangements
),

as_in_ta1 as (
    select 'type.' || ta_type as cell, case_ref as reference from in_ta
    union all
    select 'family.' || ta_type, case_ref from in_ta where has_children
    union all
    select 'child', ages.case_ref || '#' || ages.person_no
    from ages
    semi join in_ta on ages.case_ref = in_ta.case_ref
    where ages.is_dependent
    union all
    select 'bb_over_6_weeks', case_ref from in_ta where is_family_over_bb_limit
    union all
    select 'bb_over_6_weeks_review', case_ref from in_ta where is_family_over_bb_limit and has_open_review
    union all
    select 'bb_16_17', case_ref from in_ta where ta_type = 'bb' and age_band = '16_17'
    union all
    select 'out_of_district', case_ref from base_in_ta where is_out_of_district
    union all
    select 'own', case_ref from own_arrangements
    union all
    select 'own_family', case_ref from own_arrangements where has_children
),

final as (
    select * from as_in_ta1
    union all
    select 'household.' || household_type, case_ref from in_ta
    union all
    select 'duty.' || duty_group, case_ref from in_ta
)

select * from final
