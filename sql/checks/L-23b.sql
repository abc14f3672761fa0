-- Needs of a person aged 21 to 24 where every age is known and nobody was of that age, then or at the quarter's end.
-- Key: case_ref, record_key
with of_that_age as (
    select case_ref
    from household_people
    where age_at_assessment between 21 and 24 or age_at_last_day between 21 and 24
)

select
    support_needs.case_ref,
    'support_need=' || support_needs.support_need as record_key,
    support_needs.support_need as shown,
from support_needs
inner join case_facts on support_needs.case_ref = case_facts.case_ref
anti join of_that_age on support_needs.case_ref = of_that_age.case_ref
where
    support_needs.support_need = 'care_21_24'
    and case_facts.is_every_age_known
