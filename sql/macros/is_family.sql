-- Whether a household has family commitments: a dependent child or a pregnant member. Only such a household has the
-- limit of six weeks in bed and breakfast (Homelessness (Suitability of Accommodation) (England) Order 2003, art. 2-4).
create or replace macro is_family(has_dependent_children, has_pregnant_member) as (
    has_dependent_children or has_pregnant_member
)
