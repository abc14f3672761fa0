-- One row per case with a decision on the main duty.
-- Key: case_ref
select
    case_ref,
    main_decision_date as decision_date,
    main_decision as decision,
    pneed
from one_final_duties
