-- One row per quarter of assessment, main reason and reason why the tenancy ended: households owed a duty.
-- Key: first_day, reasonloss, reason_tenancy_end
-- Title: Why tenancies ended, rent arrears among them, each quarter
with owed as (
    select
        date_trunc('quarter', households.assess_date)::date as first_day,
        households.reasonloss,
        coalesce(households.reason_tenancy_end, 'not recorded') as reason_tenancy_end,
        coalesce(starts_with(households.reason_tenancy_end, 'arrears'), false) as is_arrears,
        count(*) as count_cases,
    from households
    inner join metric_window on households.assess_date between metric_window.first_day and metric_window.last_day
    where
        households.duty_at_assessment is not null
        and households.reasonloss in ('prs_ast', 'prs_non_ast', 'srs', 'supported')
    group by all
)

select
    owed.first_day,
    owed.reasonloss,
    owed.reason_tenancy_end,
    coalesce(codelist_reason_tenancy_end.label, 'Not recorded') as label,
    owed.is_arrears,
    owed.count_cases,
from owed
left join codelist_reason_tenancy_end on owed.reason_tenancy_end = codelist_reason_tenancy_end.code
order by owed.first_day, owed.reasonloss, owed.reason_tenancy_end
