-- One row per placement and span of nights within one month and under one rate, in pence: charge, cap, recoverable.
-- Key: case_ref, placement_no, from_date
-- Every amount is rounded to the penny in its row, halves up, so that all sums add.
with lha_in_force as (
    select
        lha_area,
        size,
        weekly_pence,
    from cost_lha
    where valid_from <= date '2011-01-31'
    qualify row_number() over (partition by lha_area, size order by valid_from desc) = 1
),

largest_size as (
    select
        lha_area,
        max(size) as size,
    from lha_in_force
    group by lha_area
),

described as (
    select
        cost_nights.*,
        cost_type_rules.is_capped,
        coalesce(cost_type_rules.is_self_contained, cost_nights.self_contained) as is_self_contained,
        -- A weekly rate is a seventh of it a night.
        case cost_nights.per
            when 'night' then cost_nights.nights * cost_nights.rate_pence
            else (2 * cost_nights.nights * cost_nights.rate_pence + 7) // 14
        end as gross_pence,
    from cost_nights
    inner join cost_type_rules on cost_nights.ta_type = cost_type_rules.ta_type
),

-- Paragraph 600: not self-contained, the one-bedroom self-contained rate. 601: self-contained, 90 % of the rate for the
-- size. Both in January 2011 (610), for the area of the property. least() and greatest() pass over nulls: so, cases.
sized as (
    select
        described.*,
        case
            when not described.is_self_contained then 1
            when described.is_self_contained is null or described.bedrooms is null then null
            else least(greatest(described.bedrooms, 1), largest_size.size)
        end as lha_size,
    from described
    left join largest_size on described.lha_area = largest_size.lha_area
),

capped as (
    select
        sized.*,
        lha_in_force.weekly_pence as lha_weekly_pence,
        least(
            if(sized.is_self_contained, (9 * lha_in_force.weekly_pence + 5) // 10, lha_in_force.weekly_pence),
            coalesce(cost_ceiling.weekly_pence, if(lha_in_force.weekly_pence is null, null, 999999999))
        ) as cap_weekly_pence,
    from sized
    left join lha_in_force on sized.lha_area = lha_in_force.lha_area and sized.lha_size = lha_in_force.size
    left join cost_ceiling on sized.lha_area = cost_ceiling.lha_area
),

recovered as (
    select
        *,
        case
            when not is_capped then gross_pence
            when gross_pence is null or lha_weekly_pence is null then null
            else least(gross_pence, (2 * nights * cap_weekly_pence + 7) // 14)
        end as recoverable_pence,
        case
            when gross_pence is null then 'rate'
            when not is_capped then null
            when lha_area is null then 'LHA area'
            when is_self_contained is null then 'whether self-contained'
            when is_self_contained and bedrooms is null then 'bedrooms'
            when lha_weekly_pence is null then 'LHA rate of January 2011'
        end as missing,
    from capped
)

select * from recovered
