-- One row per case that has an error, waived or not.
-- Key: case_ref
select distinct
    findings.case_ref,
    cast(null as date) as day
from findings
inner join reporting_period on findings.run_id = reporting_period.run_id
where
    findings.severity = 'error'
    and findings.case_ref is not null
order by findings.case_ref
