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
from main
order by main.case_ref
