-- One row per month of the metric window: open cases and applications for each officer who holds cases.
-- Key: first_day
-- Title: Caseload per officer against applications each month
with officers as (
    select
        first_day,
        count(*) as officers_with_cases,
        sum(open_cases) as cases_with_officer,
        max(open_cases) as largest_caseload,
        median(open_cases) as median_caseload,
    from case_open_month
    where officer not in ('all', 'not recorded') and team = 'all' and stage = 'all' and open_cases > 0
    group by first_day
)

select
    case_flow_month.first_day,
    case_flow_month.last_day,
    case_flow_month.arrivals,
    case_flow_month.open_cases,
    coalesce(officers.officers_with_cases, 0)::bigint as officers_with_cases,
    round(officers.cases_with_officer / officers.officers_with_cases, 1) as open_cases_per_officer,
    officers.median_caseload,
    officers.largest_caseload,
    round(case_flow_month.arrivals / officers.officers_with_cases, 1) as arrivals_per_officer,
from case_flow_month
left join officers on case_flow_month.first_day = officers.first_day
where case_flow_month.team = 'all'
order by case_flow_month.first_day
