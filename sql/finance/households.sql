-- One row per case: the application and its household.
-- Key: case_key
-- Columns:
--   case_key: pseudonym of the case; joins all relations of this mart
--   la_code: authority that holds the case (GSS code)
--   application_date: day the household applied
--   assess_date: day of the initial decision on the duty owed; empty if not decided
--   assess1: initial assessment (code list assess1)
--   assess1_label: the same in words
--   duty_at_assessment: prevention or relief; empty if no duty is owed
--   stage: where the case stands at the quarter's end: assessment, prevention, relief, decision, main, closed, no duty
--   case_closed_date: day the last duty ended; empty while open
--   is_open: the stage is neither closed nor no duty
--   is_advice_only: advice and information only, not an application
--   is_legacy: application from before 3 April 2018, or loaded without its history
--   team: team that holds the case; withheld where few cases share the text
--   referral: whether and by whom the household was referred (code list referral)
--   referral_body: public body that referred under the Duty to Refer (code list referral_body)
--   lastaccom: accommodation when last settled (code list accommodation)
--   currentaccom: accommodation at the time of application (code list accommodation)
--   reasonloss: main reason for loss of last settled home (code list reasonloss)
--   reasonloss_label: the same in words
--   household_type: adults and children, as in table A5
--   has_dependent_children: at least one dependent child
--   has_pregnant_member: a member is recorded as pregnant
--   is_family: a dependent child or a pregnant member (Suitability Order 2003, article 2)
--   count_dependent_children: dependent children
--   count_adults: adults
--   age_band: age of the main applicant at assessment
--   is_in_ta: in temporary accommodation on the quarter's last day
with in_ta as (
    select distinct stays.case_ref,
    from stays
    cross join reporting_period
    where
        stays.entry_date <= reporting_period.last_day
        and coalesce(stays.exit_date > reporting_period.last_day, true)
)

select
    mart_case.case_key,
    households.la_code,
    households.application_date,
    households.assess_date,
    households.assess1,
    codelist_assess1.label as assess1_label,
    households.duty_at_assessment,
    households.stage,
    households.case_closed_date,
    households.stage not in ('closed', 'no duty') as is_open,
    households.is_advice_only,
    households.is_legacy,
    if(households.team is null, null, coalesce(shown_team.value, 'withheld')) as team,
    households.referral,
    households.referral_body,
    households.lastaccom,
    households.currentaccom,
    households.reasonloss,
    codelist_reasonloss.label as reasonloss_label,
    households.household_type,
    households.has_dependent_children,
    households.has_pregnant_member,
    is_family(households.has_dependent_children, households.has_pregnant_member) as is_family,
    households.count_dependent_children,
    households.count_adults,
    mart_age_band.age_band,
    in_ta.case_ref is not null as is_in_ta,
from households
inner join mart_case on households.case_ref = mart_case.case_ref
left join in_ta on households.case_ref = in_ta.case_ref
left join mart_shown_text as shown_team on shown_team.field = 'team' and households.team = shown_team.value
left join mart_age_band
    on households.age_at_assessment between mart_age_band.from_age and mart_age_band.to_age
left join codelist_assess1 on households.assess1 = codelist_assess1.code
left join codelist_reasonloss on households.reasonloss = codelist_reasonloss.code
order by mart_case.case_key
