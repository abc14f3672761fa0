-- One row per household member born by the masking day; no name, National Insurance number or address.
-- Key: case_ref, person_no
with rows_of_known_cases as (
    select people.*, reporting_period.mask_after
    from people
    cross join reporting_period
    semi join quarter_end.main as known on people.case_ref = known.case_ref
),

-- A child born later is not yet in the household. The main applicant stays: without one there is no household.
masked as (
    select
        case_ref,
        person_no,
        relationship,
        if(date_of_birth > mask_after, null, date_of_birth) as date_of_birth,
        age,
        sex,
        gender_identity,
        ethnicity,
        sexual_orientation,
        dependent,
        pregnant,
        personal_data_consent,
        in_education,
        unable_to_support,
        lives_with_applicant,
        age_date
    from rows_of_known_cases
    where
        date_of_birth is null
        or date_of_birth <= mask_after
        or relationship = 'main_applicant'
)

select * from masked
