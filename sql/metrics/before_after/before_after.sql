-- One row per cause and period around the introduction: prevention duties that ended in it, and those prevented.
-- Key: cause, period_no
-- is_reached: the period has ended by the last day that is known. is_complete: it lies in the complete history.
with periods as (
    select *
    from (
        values
        (1, '12 months before', -12, 0),
        (2, 'months 1 to 6 after', 0, 6),
        (3, 'months 1 to 12 after', 0, 12),
        (4, 'months 1 to 18 after', 0, 18)
    ) as lengths (period_no, period, from_month, to_month)
),

dated as (
    select
        periods.period_no,
        periods.period,
        choice.introduced_on,
        (choice.introduced_on + to_months(periods.from_month))::date as first_day,
        (choice.introduced_on + to_months(periods.to_month))::date - 1 as last_day,
    from periods
    cross join before_after_choice as choice
),

causes as (
    select distinct cause
    from codelist_reasonloss
    where cause is not null
),

ended as (
    select
        codelist_reasonloss.cause,
        outcome_ended.end_date,
        outcome_ended.outcome_group = 'accommodated' as is_prevented,
    from outcome_ended
    inner join households on outcome_ended.case_ref = households.case_ref
    inner join codelist_reasonloss
        on households.reasonloss = codelist_reasonloss.code and codelist_reasonloss.cause is not null
    where outcome_ended.duty = 'prevention'
),

known as (
    select
        metric_window.last_day as known_to,
        history_start.first_quarter as complete_from,
    from metric_window
    cross join history_start
    where history_start.subject = 'duties_ended'
)

select
    causes.cause,
    dated.period_no,
    dated.period,
    dated.introduced_on,
    dated.first_day,
    dated.last_day,
    dated.last_day <= any_value(known.known_to) as is_reached,
    dated.first_day >= any_value(known.complete_from) as is_complete,
    count(ended.end_date) as ended,
    count(*) filter (where ended.is_prevented) as prevented,
from causes
cross join dated
cross join known
left join ended on causes.cause = ended.cause and ended.end_date between dated.first_day and dated.last_day
group by causes.cause, dated.period_no, dated.period, dated.introduced_on, dated.first_day, dated.last_day
order by causes.cause, dated.period_no
