-- One row per case drawn for file review: open on the window's last day or closed in the quarter.
-- Key: case_ref
-- Title: Random sample of cases for file review
-- Edition: internal
-- The order is that of a hash of seed, quarter and reference: it depends on neither the order nor the number of other
-- rows, and with one seed each quarter has a draw of its own.
with reviewable as (
    select
        households.case_ref,
        households.officer,
        households.team,
        households.stage,
        households.application_date,
        case
            when households.is_advice_only or households.duty_at_assessment is null then 'advice'
            when decisions.case_ref is not null then 'main duty'
            when relief.case_ref is not null or households.duty_at_assessment = 'relief' then 'relief'
            else 'prevention'
        end as stratum,
        metric_option.sample_seed as seed,
        metric_option.file_review_sample,
        sha256(
            concat_ws(':', metric_option.sample_seed, reporting_period.quarter, households.case_ref)
        ) as draw,
    from households
    cross join metric_option
    cross join reporting_period
    left join decisions on households.case_ref = decisions.case_ref
    left join duties as relief on households.case_ref = relief.case_ref and relief.duty = 'relief'
    where coalesce(
        households.case_closed_date >= reporting_period.first_day,
        households.stage <> 'no duty'
        and (not households.is_advice_only or households.application_date >= reporting_period.first_day)
    )
),

-- Taking the first of every stratum, then the second of every stratum … fills the sample evenly: a stratum that has
-- too few cases leaves its places to the others.
dealt as (
    select
        *,
        row_number() over (partition by stratum order by draw, case_ref) as turn,
        count(*) over (partition by stratum) as count_in_stratum,
    from reviewable
),

drawn as (
    select *
    from dealt
    qualify row_number() over (order by turn, draw, case_ref) <= file_review_sample
)

select
    seed,
    stratum,
    turn as number_in_stratum,
    count_in_stratum,
    case_ref,
    officer,
    team,
    stage,
    application_date,
from drawn
order by stratum, turn
