-- One row per section and row of it, with the case and what tells the row from the others of the case.
-- Key: cell, reference
with final as (
    select 'main' as cell, case_ref as reference from main
    union all
    select 'people', case_ref || '#' || person_no from people
    union all
    select 'support_needs', case_ref || '#' || support_need from support_needs
    union all
    select 'prevention', case_ref from prevention
    union all
    select 'relief', case_ref from relief
    union all
    select 'final_duties', case_ref from final_duties
    union all
    select 'assistance', case_ref || '#' || support_need from assistance
    union all
    select 'temporary_accommodation', case_ref || '#' || placement_no from temporary_accommodation
    union all
    select 'reviews', case_ref || '#' || review_no from reviews
)

select * from final
