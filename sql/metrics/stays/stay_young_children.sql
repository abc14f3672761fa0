-- One row per kind of accommodation, age of a child and least length: households in it on the last day.
-- Key: accommodation, child_age, least_length
-- Title: Households with a child under 5 or under 12, over six weeks and over six months
-- Over six weeks is more than 42 days, over six months six calendar months as in TA4's bands, both of the stay.
with on_last_day as (
    select
        stay_in_progress.ta_type,
        stay_in_progress.days,
        stay_in_progress.months,
        stay_households.child_under_5,
        stay_households.child_under_12,
    from stay_in_progress
    inner join metric_window on stay_in_progress.day = metric_window.last_day
    inner join stay_households on stay_in_progress.case_ref = stay_households.case_ref
),

questions as (
    select
        kinds.accommodation,
        ages.child_age,
        lengths.least_length,
    from (values ('all'), ('bb')) as kinds (accommodation)
    cross join (values ('under 5'), ('under 12')) as ages (child_age)
    cross join (values ('any'), ('over six weeks'), ('over six months')) as lengths (least_length)
),

counted as (
    select
        questions.accommodation,
        questions.child_age,
        questions.least_length,
        count(on_last_day.days) as count_households,
    from questions
    left join on_last_day
        on
            questions.accommodation in ('all', on_last_day.ta_type)
            and questions.child_age in (on_last_day.child_under_5, on_last_day.child_under_12)
            and (
                questions.least_length = 'any'
                or (questions.least_length = 'over six weeks' and on_last_day.days > 42)
                or (questions.least_length = 'over six months' and on_last_day.months >= 6)
            )
    group by questions.accommodation, questions.child_age, questions.least_length
)

select * from counted
order by accommodation, child_age, least_length
