-- One row per quarter of application, kind of referral and body ('all': total): referrals and what became of them.
-- Key: first_day, referral, referral_body
-- Title: Referrals by body and what became of them
-- For duty to refer, agencies and other authorities; a case's duties are counted as they stand on the last day.
with ended_well as (
    select distinct case_ref from outcome_ended where outcome_group = 'accommodated'
),

referred as (
    select
        date_trunc('quarter', households.application_date)::date as first_day,
        households.referral,
        coalesce(households.referral_body, 'not recorded') as referral_body,
        households.duty_at_assessment,
        households.assess1,
        households.stage,
        ended_well.case_ref is not null as is_accommodated,
    from households
    inner join metric_window
        on households.application_date between metric_window.first_day and metric_window.last_day
    left join ended_well on households.case_ref = ended_well.case_ref
    inner join codelist_referral
        on households.referral = codelist_referral.code and codelist_referral.is_referred is not null
),

counted as (
    select
        first_day,
        coalesce(referral, 'all') as referral,
        coalesce(referral_body, 'all') as referral_body,
        count(*) as count_referrals,
        count(*) filter (where assess1 is null) as not_assessed,
        count(*) filter (where duty_at_assessment = 'prevention') as owed_prevention,
        count(*) filter (where duty_at_assessment = 'relief') as owed_relief,
        count(*) filter (where assess1 is not null and duty_at_assessment is null) as no_duty,
        count(*) filter (where is_accommodated) as accommodated,
        count(*) filter (where duty_at_assessment is not null and stage = 'closed' and not is_accommodated)
            as closed_otherwise,
        count(*) filter (where duty_at_assessment is not null and stage <> 'closed' and not is_accommodated)
            as still_open,
    from referred
    group by grouping sets ((first_day), (first_day, referral), (first_day, referral, referral_body))
)

select * from counted
order by first_day, referral, referral_body
