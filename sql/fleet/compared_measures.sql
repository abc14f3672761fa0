-- One row per measure: all authorities that have a value taken together, and the quartiles of their values.
-- Key: measure
-- Worked out from the figures of the edition, whichever it is: from rounded counts, where these are rounded.
with counted as (
    select
        measures.position,
        measures.measure,
        measures.subject,
        measures.unit,
        measures.per,
        count(known.la_code) as authorities,
        sum(known.numerator) filter (where known.has_denominator) as numerator,
        sum(known.denominator) as denominator,
        quantile_cont(known.value, 0.25) as lower_quartile,
        median(known.value) as median,
        quantile_cont(known.value, 0.75) as upper_quartile,
    from measures
    left join compared_figures as known
        on measures.measure = known.measure and known.value is not null
    group by measures.position, measures.measure, measures.subject, measures.unit, measures.per
),

final as (
    select
        * exclude (per),
        numerator / nullif(denominator, 0) * per as value,
    from counted
)

select * from final
order by position
