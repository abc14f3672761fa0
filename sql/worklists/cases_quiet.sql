-- One row per open case without recorded activity for the setting quiet_days or more, or with none recorded.
-- Key: case_ref
-- Where no case has a day of activity, the export has no such column and says nothing about any of them.
select
    case_quiet.case_ref,
    listed_cases.your_reference,
    listed_cases.officer,
    listed_cases.team,
    case_quiet.stage,
    case_open_list.application_date,
    case_quiet.last_activity_date,
    case_quiet.quiet_days,
    if(case_quiet.is_in_ta, 'Yes', 'No') as is_in_ta
from case_quiet
inner join case_open_list on case_quiet.case_ref = case_open_list.case_ref
left join listed_cases on case_quiet.case_ref = listed_cases.case_ref
where (select count(one_main.last_activity_date) from one_main) > 0
order by case_quiet.quiet_days desc nulls first, case_quiet.case_ref asc
