-- One row per household drawn to be called six months after its duty ended with accommodation.
-- Key: case_ref
-- The order of drawing is that of a hash of seed, case and duty: another household takes one place at most.
with drawn as (
    select *
    from calls_to_draw_from
    cross join setting
    qualify row_number() over (order by draw, case_ref) <= setting.sustainment_sample
)

select
    drawn.case_ref,
    listed_cases.your_reference,
    listed_cases.officer,
    listed_cases.team,
    upper(drawn.duty[1]) || drawn.duty[2:] || ' duty' as duty,
    drawn.end_date,
    homes.label as accommodation,
    drawn.look_up_day
from drawn
left join listed_cases on drawn.case_ref = listed_cases.case_ref
left join codelist_accommodation as homes on drawn.accommodation = homes.code
order by drawn.look_up_day, drawn.case_ref
