-- One row per metric day, dimension and value: length of the stays in progress on that day, in days.
-- Key: day, dimension, value
-- Title: Length of stays in progress: mean and median (as table TA7)
with described as (
    select
        day,
        days,
        'all' as all_households,
        ta_type as type,
        household_type as household,
        case when has_dependent_children then 'children' else 'adults only' end as children,
        ta_type || case when has_dependent_children then ' children' else ' adults only' end as type_children,
    from stay_in_progress
),

by_dimension as (
    unpivot described
    on all_households as 'all', type, household, children, type_children
    into name dimension value value
),

summed as (
    select
        day,
        dimension,
        value,
        count(*) as count_households,
        avg(days) as mean_days,
        -- MHCLG cuts the mean off, it does not round it.
        (sum(days) // count(*))::bigint as mean_days_cut,
        median(days) as median_days,
    from by_dimension
    group by day, dimension, value
)

select * from summed
order by day, dimension, value
