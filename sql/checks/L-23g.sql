-- Priority need of a care leaver aged 18 to 20 in households with nobody of that age, then or at the quarter's end.
-- Key: case_ref
with of_that_age as (
    select case_ref
    from household_people
    where age_at_assessment between 18 and 20 or age_at_last_day between 18 and 20
)

select
    case_facts.case_ref,
    null::varchar as record_key,
    case_facts.pneed as shown,
from case_facts
anti join of_that_age on case_facts.case_ref = of_that_age.case_ref
where case_facts.pneed = 'care_18_20' and case_facts.is_every_age_known
