-- One row per placement and span of its nights within one month and under one rate.
-- Key: case_ref, placement_no, from_date
-- A split household's placements are all paid for, so these are placement nights, not household nights.
with placed as (
    select
        placements.case_ref,
        placements.placement_no,
        placements.placement_ref,
        coalesce(placements.ta_type, 'other') as ta_type,
        placements.landlord,
        placements.site,
        placements.bedrooms,
        placements.self_contained,
        placements.lha_area,
        placements.cost_centre,
        round(placements.rate * 100)::bigint as recorded_pence,
        greatest(placements.entry_date, metric_window.first_day) as from_date,
        least(coalesce(placements.exit_date, date '9999-12-31'), metric_window.last_day + 1) as to_date,
    from placements
    cross join metric_window
    where
        not placements.is_own_arrangements
        and greatest(placements.entry_date, metric_window.first_day)
        < least(coalesce(placements.exit_date, date '9999-12-31'), metric_window.last_day + 1)
),

-- Rows of the rates file that fit: those that name the placement, and general ones, in which an empty field fits all.
fitting as (
    select
        placed.case_ref,
        placed.placement_no,
        cost_rate.* exclude (cost_rate.placement_ref),
        true as is_for_placement,
    from placed
    inner join cost_rate on placed.placement_ref = cost_rate.placement_ref
    union all by name
    select
        placed.case_ref,
        placed.placement_no,
        cost_rate.* exclude (cost_rate.placement_ref),
        false as is_for_placement,
    from placed
    inner join cost_rate
        on
            cost_rate.placement_ref is null
            and (cost_rate.landlord is null or placed.landlord = cost_rate.landlord)
            and (cost_rate.site is null or placed.site = cost_rate.site)
            and (cost_rate.ta_type is null or placed.ta_type = cost_rate.ta_type)
            and (cost_rate.bedrooms is null or placed.bedrooms = cost_rate.bedrooms)
            and (cost_rate.self_contained is null or placed.self_contained = cost_rate.self_contained)
),

changes as (
    select
        case_ref,
        placement_no,
        valid_from as day,
    from fitting
    union
    select
        case_ref,
        placement_no,
        valid_to + 1 as day,
    from fitting
),

-- Days within the placement on which another rate may begin.
cuts as (
    select
        placed.case_ref,
        placed.placement_no,
        list(changes.day order by changes.day) as days,
    from placed
    inner join changes on placed.case_ref = changes.case_ref and placed.placement_no = changes.placement_no
    where changes.day > placed.from_date and changes.day < placed.to_date
    group by placed.case_ref, placed.placement_no
),

spans as (
    select
        placed.* exclude (placed.from_date, placed.to_date),
        unnest(list_prepend(placed.from_date, coalesce(cuts.days, []))) as from_date,
        unnest(list_append(coalesce(cuts.days, []), placed.to_date)) as to_date,
    from placed
    left join cuts on placed.case_ref = cuts.case_ref and placed.placement_no = cuts.placement_no
),

-- The most particular row wins: one for the placement, then the one with most fields filled, then the latest.
chosen as (
    select
        spans.case_ref,
        spans.placement_no,
        spans.from_date,
        fitting.rate_pence,
        fitting.per,
        fitting.cost_centre as file_cost_centre,
    from spans
    inner join fitting
        on
            spans.case_ref = fitting.case_ref
            and spans.placement_no = fitting.placement_no
            and spans.from_date >= coalesce(fitting.valid_from, spans.from_date)
            and spans.from_date <= coalesce(fitting.valid_to, spans.from_date)
    qualify
        row_number() over (
            partition by spans.case_ref, spans.placement_no, spans.from_date
            order by
                fitting.is_for_placement desc,
                fitting.count_fields desc,
                fitting.valid_from desc nulls last,
                fitting.rate_no desc
        ) = 1
),

priced as (
    select
        spans.case_ref,
        spans.placement_no,
        spans.placement_ref,
        spans.from_date,
        spans.to_date,
        spans.ta_type,
        spans.bedrooms,
        spans.self_contained,
        spans.lha_area,
        coalesce(chosen.file_cost_centre, spans.cost_centre, 'not recorded') as cost_centre,
        case
            when chosen.rate_pence is not null then 'rates file'
            when cost_choice.uses_recorded_rate and spans.recorded_pence is not null then 'placement'
        end as rate_source,
        coalesce(chosen.rate_pence, if(cost_choice.uses_recorded_rate, spans.recorded_pence, null)) as rate_pence,
        if(chosen.rate_pence is null, 'night', chosen.per) as per,
    from spans
    cross join cost_choice
    left join chosen
        on
            spans.case_ref = chosen.case_ref
            and spans.placement_no = chosen.placement_no
            and spans.from_date = chosen.from_date
),

with_months as (
    select
        *,
        unnest(
            generate_series(date_trunc('month', from_date), date_trunc('month', to_date - 1), interval 1 month)
        )::date as first_day,
    from priced
),

nights as (
    select
        case_ref,
        placement_no,
        placement_ref,
        greatest(from_date, first_day) as from_date,
        least(to_date, (first_day + interval 1 month)::date) as to_date,
        first_day,
        (least(to_date, (first_day + interval 1 month)::date) - greatest(from_date, first_day))::bigint as nights,
        ta_type,
        bedrooms,
        self_contained,
        lha_area,
        cost_centre,
        rate_source,
        rate_pence,
        per,
    from with_months
)

select * from nights
