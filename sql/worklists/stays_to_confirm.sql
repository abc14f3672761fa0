-- One row per household in temporary accommodation of which there is no recent sign, or whose stay is unusually long.
-- Key: case_ref
with compared as (
    select
        *,
        count(*) over (partition by ta_type) as count_stays,
        -- Itself and those as long among them.
        count(*) over (
            partition by ta_type order by days desc
            range between unbounded preceding and current row
        ) as count_as_long
    from stay_in_progress
),

judged as (
    select
        compared.case_ref,
        compared.ta_type,
        compared.counted_from,
        compared.days,
        last_signs.last_sign_on,
        last_signs.last_sign,
        compared.day - last_signs.last_sign_on as days_without_sign,
        coalesce(compared.day - last_signs.last_sign_on >= setting.sign_of_life_days, true) as is_without_sign,
        setting.long_stay_days > 0 and compared.days > setting.long_stay_days as is_over_limit,
        compared.count_as_long * 100
        <= compared.count_stays * (100 - setting.long_stay_percentile) as is_outlier,
        setting.sign_of_life_days,
        setting.long_stay_days,
        setting.long_stay_percentile
    from compared
    cross join setting
    left join last_signs on compared.case_ref = last_signs.case_ref
)

select
    judged.case_ref,
    listed_cases.your_reference,
    listed_cases.officer,
    listed_cases.team,
    concat_ws(
        '; ',
        if(judged.is_without_sign, 'No sign for ' || judged.sign_of_life_days || ' days', null),
        if(judged.is_over_limit, 'Over your limit of ' || judged.long_stay_days || ' days', null),
        if(judged.is_outlier, 'Longer than ' || judged.long_stay_percentile || ' of 100 stays in this type', null)
    ) as reason,
    judged.ta_type,
    judged.counted_from as in_ta_since,
    judged.days,
    judged.last_sign_on,
    judged.last_sign,
    judged.days_without_sign
from judged
left join listed_cases on judged.case_ref = listed_cases.case_ref
where judged.is_without_sign or judged.is_over_limit or judged.is_outlier
order by
    judged.is_without_sign desc,
    judged.days_without_sign desc nulls first,
    judged.days desc,
    judged.case_ref asc
