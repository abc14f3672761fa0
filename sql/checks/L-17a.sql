-- Families in bed and breakfast on the last day whose days there, over all placements, exceed 42.
-- Key: case_ref, record_key
with spans as (
    select
        t.case_ref,
        t.entry_date,
        least(coalesce(t.exit_date, period.last_day), period.last_day) as until,
    from temporary_accommodation as t
    cross join period
    where t.ta_type = 'bb' and t.entry_date <= period.last_day
),

-- A day in two rooms is one day: each span counts only from where the earlier ones reached.
reached as (
    select
        case_ref,
        until,
        greatest(
            entry_date,
            coalesce(
                max(until) over (
                    partition by case_ref
                    order by entry_date, until
                    rows between unbounded preceding and 1 preceding
                ),
                entry_date
            )
        ) as counted_from,
    from spans
),

days as (
    select
        case_ref,
        sum(greatest(until - counted_from, 0)) as count_days,
    from reached
    group by case_ref
)

select
    t.case_ref,
    'placement_no=' || t.placement_no as record_key,
    days.count_days || ' days' as shown,
from temporary_accommodation as t
inner join case_facts on t.case_ref = case_facts.case_ref
inner join days on t.case_ref = days.case_ref
cross join period
where
    t.ta_type = 'bb'
    and t.entry_date <= period.last_day
    and coalesce(t.exit_date > period.last_day, true)
    and (case_facts.has_dependent or case_facts.has_pregnant_member)
    and days.count_days > 42
