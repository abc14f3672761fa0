-- One row per financial year of assessment and named cohort ('all': every household): what they were owed and became.
-- Key: first_day, cohort
-- Title: Cohorts each year: households owed a duty, outcomes, temporary accommodation
-- A household may be in several cohorts, so that cohorts do not add up to the total.
with assessed as (
    select
        households.case_ref,
        households.duty_at_assessment,
        (date_trunc('year', households.assess_date - interval 3 month) + interval 3 month)::date as first_day,
    from households
    inner join metric_window on households.assess_date between metric_window.first_day and metric_window.last_day
    where households.assess1 is not null
),

ended as (
    select
        case_ref,
        bool_or(duty = 'prevention') as has_prevention_ended,
        bool_or(duty = 'prevention' and outcome_group = 'accommodated') as is_prevented,
        bool_or(duty = 'relief') as has_relief_ended,
        bool_or(duty = 'relief' and outcome_group = 'accommodated') as is_relieved,
    from outcome_ended
    group by case_ref
),

main_duties as (
    select case_ref from duties where duty = 'main'
),

placed as (
    select distinct case_ref from stays
),

described as (
    select
        assessed.case_ref,
        assessed.first_day,
        assessed.duty_at_assessment,
        ended.has_prevention_ended,
        ended.is_prevented,
        ended.has_relief_ended,
        ended.is_relieved,
        main_duties.case_ref is not null as is_main,
        placed.case_ref is not null as is_placed,
    from assessed
    left join ended on assessed.case_ref = ended.case_ref
    left join main_duties on assessed.case_ref = main_duties.case_ref
    left join placed on assessed.case_ref = placed.case_ref
),

in_cohorts as (
    select
        described.*,
        cohort_members.cohort,
    from described
    inner join cohort_members on described.case_ref = cohort_members.case_ref
    union all
    select
        described.*,
        'all' as cohort,
    from described
)

select
    first_day,
    cohort,
    count(*) as assessed,
    count(*) filter (where duty_at_assessment = 'prevention') as owed_prevention,
    count(*) filter (where duty_at_assessment = 'relief') as owed_relief,
    count(*) filter (where has_prevention_ended) as prevention_ended,
    count(*) filter (where is_prevented) as prevention_accommodated,
    count(*) filter (where has_relief_ended) as relief_ended,
    count(*) filter (where is_relieved) as relief_accommodated,
    count(*) filter (where is_main) as main_duty_accepted,
    count(*) filter (where is_placed) as ever_in_ta,
from in_cohorts
group by first_day, cohort
order by first_day, cohort
