-- Needs and priority needs of a person of a certain age where every age is known and nobody was of that age.
-- Key: rule_id, case_ref, record_key
-- The ages stand in the code lists, and the rule that speaks of each code beside them. A need is of somebody who was of
-- the age at the assessment or by the quarter's end; priority need turns on the age on the day of the decision.
with coded as (
    select
        codes.age_rule as rule_id,
        support_needs.case_ref,
        'support_need=' || support_needs.support_need as record_key,
        support_needs.support_need as shown,
        cast(codes.age_from as integer) as age_from,
        coalesce(cast(codes.age_to as integer), 999) as age_to,
        false as is_of_decision,
    from support_needs
    inner join codelist_support_need as codes on support_needs.support_need = codes.code
    where codes.age_rule is not null
    union all
    select
        codes.age_rule,
        cases.case_ref,
        null,
        cases.pneed,
        cast(codes.age_from as integer),
        coalesce(cast(codes.age_to as integer), 999),
        true,
    from cases
    inner join codelist_pneed as codes on cases.pneed = codes.code
    where codes.age_rule is not null and cases.main_decision_date is not null
)

select
    coded.rule_id,
    coded.case_ref,
    coded.record_key,
    coded.shown,
from coded
inner join cases on coded.case_ref = cases.case_ref and cases.is_every_age_known
anti join ages
    on
        coded.case_ref = ages.case_ref
        and if(
            coded.is_of_decision,
            ages.age_at_decision between coded.age_from and coded.age_to,
            ages.age_at_assessment between coded.age_from and coded.age_to
            or ages.age_at_last_day between coded.age_from and coded.age_to
        )
