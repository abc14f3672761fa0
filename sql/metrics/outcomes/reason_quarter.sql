-- One row per quarter of assessment and main reason: households owed a duty, rank, and rank a year before.
-- Key: first_day, reasonloss
-- Title: Main reasons for loss of the last settled home each quarter, with rank changes
with owed as (
    select
        date_trunc('quarter', households.assess_date)::date as first_day,
        coalesce(households.reasonloss, 'not recorded') as reasonloss,
        count(*) as count_cases,
    from households
    inner join metric_window on households.assess_date between metric_window.first_day and metric_window.last_day
    where households.duty_at_assessment is not null
    group by all
),

-- Equal numbers share the better rank.
ranked as (
    select
        first_day,
        reasonloss,
        count_cases,
        round(count_cases / sum(count_cases) over (partition by first_day), 4) as share,
        rank() over (partition by first_day order by count_cases desc) as rank_no,
    from owed
)

select
    ranked.first_day,
    ranked.reasonloss,
    coalesce(codelist_reasonloss.label, 'Not recorded') as label,
    ranked.count_cases,
    ranked.share,
    ranked.rank_no,
    before.rank_no as rank_no_year_before,
    before.rank_no - ranked.rank_no as places_gained,
    before.count_cases as count_cases_year_before,
from ranked
left join codelist_reasonloss on ranked.reasonloss = codelist_reasonloss.code
left join ranked as before
    on
        ranked.reasonloss = before.reasonloss
        and before.first_day = (ranked.first_day - interval 1 year)::date
order by ranked.first_day, ranked.rank_no, ranked.reasonloss
