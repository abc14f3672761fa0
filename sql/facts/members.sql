-- One row per case with a household member: who belongs to it, and its composition on the quarter's last day.
-- Key: case_ref
with main_applicants as (
    select
        ages.case_ref,
        ages.person_no,
        ages.age_at_assessment,
        ages.age_at_decision,
        ages.age_at_last_day,
        ages.sex
    from ages
    where ages.relationship = 'main_applicant'
    qualify row_number() over (partition by ages.case_ref order by ages.person_no) = 1
),

counted as (
    select
        case_ref,
        count(*) as count_people,
        count(*) filter (where relationship = 'main_applicant') as count_main_applicants,
        count(*) filter (where relationship = 'partner') as count_partners,
        count(*) filter (where is_dependent) as count_dependent_children,
        count(*) filter (
            where heads_household or (not is_dependent and (age_at_last_day is null or age_at_last_day >= 16))
        ) as count_adults,
        bool_or(is_dependent or was_dependent_at_assessment) as has_or_had_dependent_children,
        bool_or(pregnant) as has_pregnant_member,
        max(age_at_decision) as oldest_age_at_decision,
        bool_and(is_age_known) as is_every_age_known,
        bool_or(is_unplaced) as has_unplaced_member
    from ages
    group by case_ref
),

composed as (
    select
        counted.*,
        main_applicants.person_no as applicant_no,
        main_applicants.age_at_assessment as applicant_age_at_assessment,
        main_applicants.age_at_decision as applicant_age_at_decision,
        main_applicants.age_at_last_day as applicant_age_at_last_day,
        coalesce(sexes.of_household, 'other') as sex_of_household
    from counted
    left join main_applicants on counted.case_ref = main_applicants.case_ref
    left join codelist_sex as sexes on main_applicants.sex = sexes.code
)

select
    * exclude (sex_of_household, has_unplaced_member),
    count_dependent_children > 0 as has_dependent_children,
    case
        when applicant_no is null or has_unplaced_member then 'nk'
        when count_adults = 1 and count_dependent_children > 0 then 'single_parent_' || sex_of_household
        when count_adults = 1 then 'single_adult_' || sex_of_household
        when count_adults = 2 and count_dependent_children > 0 then 'couple_children'
        when count_adults = 2 then 'couple_no_children'
        when count_dependent_children > 0 then 'three_adults_children'
        else 'three_adults_no_children'
    end as household_type
from composed
