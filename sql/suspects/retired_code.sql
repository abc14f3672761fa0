-- One row per case and field whose code was retired before the case was assessed, with the tables that count the field.
-- Key: case_ref, field
with coded as (
    select
        main.case_ref,
        'reasonloss' as field,
        ['A2', 'A2P', 'A2R'] as counted_in,
        main.assess_date > codes.valid_to as is_retired
    from one_main as main
    inner join codelist_reasonloss as codes on main.reasonloss = codes.code
    union all
    select
        main.case_ref,
        'currentaccom',
        ['A4', 'A4P', 'A4R'],
        main.assess_date > codes.valid_to
    from one_main as main
    inner join codelist_accommodation as codes on main.currentaccom = codes.code
    union all
    select
        main.case_ref,
        'referral_body',
        ['A7'],
        main.assess_date > codes.valid_to
    from one_main as main
    inner join codelist_referral_body as codes on main.referral_body = codes.code
)

select
    case_ref,
    field,
    counted_in
from coded
where is_retired
order by case_ref, field
