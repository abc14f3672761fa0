-- One row per case of the return.
-- Key: case_ref
select
    main.la_code,
    main.case_ref,
    main.application_date,
    main.assess_date,
    main.assess1,
    main.referral,
    main.referral_body,
    main.eligibility,
    main.nationality,
    main.lastaccom,
    main.currentaccom,
    main.reasonloss,
    main.reason_tenancy_end,
    main.local_connection,
    main.employment_applicant,
    main.employment_partner,
    main.benefits,
    main.php_date,
from stg_main as main
semi join selected_cases on main.case_ref = selected_cases.case_ref
order by main.case_ref
