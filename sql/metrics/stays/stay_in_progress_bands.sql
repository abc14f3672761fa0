-- One row per metric day, dimension, value and length band: households in temporary accommodation that day.
-- Key: day, dimension, value, band_no
-- Title: Length of stays in progress in MHCLG's bands (as table TA4) and its finer ones
with described as (
    select
        stay_in_progress.day,
        stay_bands.band_no,
        'all' as all_households,
        stay_in_progress.ta_type as type,
        stay_in_progress.household_type as household,
        case when stay_in_progress.has_dependent_children then 'children' else 'adults only' end as children,
        stay_in_progress.ta_type
        || case when stay_in_progress.has_dependent_children then ' children' else ' adults only' end as type_children,
        count(*) as count_households,
    from stay_in_progress
    inner join stay_bands
        on stay_in_progress.months >= stay_bands.from_months and stay_in_progress.months < stay_bands.to_months
    group by all
),

by_dimension as (
    unpivot described
    on all_households as 'all', type, household, children, type_children
    into name dimension value value
),

counted as (
    select
        day,
        dimension,
        value,
        band_no,
        sum(count_households)::bigint as count_households,
    from by_dimension
    group by day, dimension, value, band_no
),

groups as (
    select distinct
        day,
        dimension,
        value,
    from counted
),

-- A band that nobody is in is a true 0 once the group has households.
filled as (
    select
        groups.day,
        groups.dimension,
        groups.value,
        stay_bands.band_no,
        stay_bands.band,
        stay_bands.fine_band,
        coalesce(counted.count_households, 0) as count_households,
    from groups
    cross join stay_bands
    left join counted
        on
            groups.day = counted.day
            and groups.dimension = counted.dimension
            and groups.value = counted.value
            and stay_bands.band_no = counted.band_no
)

select * from filled
order by day, dimension, value, band_no
