-- One row per code of a list that the mart uses: what the codes mean.
-- Key: code_list, code
-- Columns:
--   code_list: name of the list, as the other relations' descriptions give it
--   code: the code
--   label: the label that MHCLG prints, or ours where none is public
with codes as (
    select
        'accommodation' as code_list,
        code,
        label,
    from codelist_accommodation
    union all
    select
        'assess1',
        code,
        label,
    from codelist_assess1
    union all
    select
        'authority',
        code,
        label,
    from codelist_authority
    union all
    select
        'decision_reviewed',
        code,
        label,
    from codelist_decision_reviewed
    union all
    select
        'exit_reason',
        code,
        label,
    from codelist_exit_reason
    union all
    select
        'main_decision',
        code,
        label,
    from codelist_main_decision
    union all
    select
        'main_duty_outcome',
        code,
        label,
    from codelist_main_duty_outcome
    union all
    select
        'prevention_activity',
        code,
        label,
    from codelist_prevention_activity
    union all
    select
        'prevention_outcome',
        code,
        label,
    from codelist_prevention_outcome
    union all
    select
        'reasonloss',
        code,
        label,
    from codelist_reasonloss
    union all
    select
        'referral',
        code,
        label,
    from codelist_referral
    union all
    select
        'referral_body',
        code,
        label,
    from codelist_referral_body
    union all
    select
        'relationship',
        code,
        label,
    from codelist_relationship
    union all
    select
        'relief_activity',
        code,
        label,
    from codelist_relief_activity
    union all
    select
        'relief_outcome',
        code,
        label,
    from codelist_relief_outcome
    union all
    select
        'review_outcome',
        code,
        label,
    from codelist_review_outcome
    union all
    select
        'ta_type',
        code,
        label,
    from codelist_ta_type
    union all
    select
        'taduty',
        code,
        label,
    from codelist_taduty
)

select * from codes
order by code_list, code
