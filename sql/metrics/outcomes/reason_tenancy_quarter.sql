-- One row per quarter of assessment, main reason and reason why the tenancy ended: households owed a duty.
-- Key: first_day, reasonloss, reason_tenancy_end
-- Title: Why tenancies ended, rent arrears among them, each quarter
with owed as (
    select
        date_trunc('quarter', households.assess_date)::date as first_day,
        households.reasonloss,
        coalesce(households.reason_tenancy_end, 'not recorded') as reason_tenancy_end,
        codelist_reason_tenancy_end.is_arrears is not null as is_arrears,
        any_value(codelist_reason_tenancy_end.label) as label,
        count(*) as count_cases,
    from households
    inner join metric_window on households.assess_date between metric_window.first_day and metric_window.last_day
    inner join codelist_reasonloss
        on households.reasonloss = codelist_reasonloss.code and codelist_reasonloss.tenancy is not null
    left join codelist_reason_tenancy_end on households.reason_tenancy_end = codelist_reason_tenancy_end.code
    where households.duty_at_assessment is not null
    group by all
)

select
    first_day,
    reasonloss,
    reason_tenancy_end,
    coalesce(label, 'Not recorded') as label,
    is_arrears,
    count_cases,
from owed
order by first_day, reasonloss, reason_tenancy_end
