-- One row per case drawn for file review.
-- Key: case_ref
select
    case_sample.case_ref,
    listed_cases.your_reference,
    listed_cases.officer,
    listed_cases.team,
    case_sample.stratum,
    case_sample.stage,
    case_sample.application_date
from case_sample
left join listed_cases on case_sample.case_ref = listed_cases.case_ref
order by case_sample.stratum, case_sample.number_in_stratum
