-- One row per authority and measure: the count and what it is measured by, and the one over the other.
-- Key: la_code, measure
-- A measure without a denominator is its numerator. A part is larger than its whole only where both are rounded.
with joined as (
    select
        authorities.la_code,
        measures.position,
        measures.measure,
        measures.subject,
        measures.unit,
        measures.per,
        measures.denominator <> '' as has_denominator,
        numerators.value as numerator,
        denominators.value as denominator,
        coalesce(nullif(numerators.note, ''), nullif(denominators.note, ''), '') as note,
        numerators.count_name is null
        or (measures.denominator <> '' and denominators.count_name is null) as is_not_made,
    from authorities
    cross join measures
    left join compared_counts as numerators
        on authorities.la_code = numerators.la_code and measures.numerator = numerators.count_name
    left join compared_counts as denominators
        on authorities.la_code = denominators.la_code and measures.denominator = denominators.count_name
),

final as (
    select
        joined.* exclude (is_not_made, note),
        case
            when not joined.has_denominator then joined.numerator
            when
                joined.denominator > 0
                and joined.denominator >= comparison.least_base
                and (joined.unit <> 'fraction' or joined.numerator <= joined.denominator)
                then joined.numerator / joined.denominator * joined.per
        end as value,
        case
            when joined.is_not_made then comparison.not_published
            when joined.numerator is null or joined.denominator is null then joined.note
            when joined.denominator = 0 and comparison.least_base = 0 then comparison.not_applicable
            when joined.denominator < comparison.least_base or joined.denominator = 0 then comparison.left_out
            when joined.unit = 'fraction' and joined.numerator > joined.denominator then comparison.left_out
            else joined.note
        end as note,
    from joined
    cross join comparison
)

select * from final
order by la_code, position
