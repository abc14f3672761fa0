-- One row per duty that ended in the year to the window's last day, characteristic and value of the main applicant.
-- Key: case_ref, duty, characteristic
-- The return has no item on disability: the support needs physical, mental and learning stand in, of any member.
with ended as (
    select
        outcome_ended.case_ref,
        outcome_ended.duty,
        outcome_ended.outcome_group = 'accommodated' as is_accommodated,
    from outcome_ended
    inner join metric_window
        on
            outcome_ended.end_date <= metric_window.last_day
            and outcome_ended.end_date > (metric_window.last_day - interval 1 year)
),

needs as (
    select
        case_ref,
        bool_or(support_need = 'physical') as has_physical,
        bool_or(support_need = 'mental') as has_mental,
        bool_or(support_need = 'learning') as has_learning,
    from support_needs
    group by case_ref
),

described as (
    select
        ended.case_ref,
        ended.duty,
        ended.is_accommodated,
        case
            when households.age_at_assessment is null then 'not known'
            when households.age_at_assessment < 18 then '16-17'
            when households.age_at_assessment < 25 then '18-24'
            when households.age_at_assessment < 35 then '25-34'
            when households.age_at_assessment < 45 then '35-44'
            when households.age_at_assessment < 55 then '45-54'
            when households.age_at_assessment < 65 then '55-64'
            when households.age_at_assessment < 75 then '65-74'
            else '75+'
        end as age,
        coalesce(nullif(households.sex, 'nk'), 'not known') as sex,
        case
            when households.ethnicity is null or households.ethnicity = 'nk' then 'not known'
            when households.ethnicity like 'white%' then 'White'
            when households.ethnicity like 'mixed%' then 'Mixed or multiple'
            when households.ethnicity like 'asian%' then 'Asian'
            when households.ethnicity like 'black%' then 'Black'
            else 'Other'
        end as ethnicity,
        coalesce(nullif(nullif(households.sexual_orientation, 'nk'), 'prefer_not'), 'not known') as sexual_orientation,
        if(
            households.support_need_state = 'unknown', 'not known', if(coalesce(needs.has_physical, false), 'yes', 'no')
        ) as need_physical,
        if(households.support_need_state = 'unknown', 'not known', if(coalesce(needs.has_mental, false), 'yes', 'no'))
            as need_mental,
        if(
            households.support_need_state = 'unknown', 'not known', if(coalesce(needs.has_learning, false), 'yes', 'no')
        ) as need_learning,
    from ended
    inner join households on ended.case_ref = households.case_ref
    left join needs on ended.case_ref = needs.case_ref
),

long as (
    unpivot described
    on age, sex, ethnicity, sexual_orientation, need_physical, need_mental, need_learning
    into
    name characteristic
    value value
)

select * from long
