-- Needs of a person aged 25 or over where every age is known and nobody was of that age, then or at the quarter's end.
-- Key: case_ref, record_key
with of_that_age as (
    select case_ref
    from household_people
    where age_at_assessment >= 25 or age_at_last_day >= 25
)

select
    support_needs.case_ref,
    'support_need=' || support_needs.support_need as record_key,
    support_needs.support_need as shown,
from support_needs
inner join case_facts on support_needs.case_ref = case_facts.case_ref
anti join of_that_age on support_needs.case_ref = of_that_age.case_ref
where
    support_needs.support_need = 'care_25'
    and case_facts.is_every_age_known
