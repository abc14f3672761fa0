-- One row per named cohort and case in it; a case may be in several.
-- Key: cohort, case_ref
select distinct
    cohort_condition.cohort,
    cohort_facts.case_ref,
from cohort_facts
inner join cohort_condition
    on cohort_facts.field = cohort_condition.field and cohort_facts.code = cohort_condition.code
