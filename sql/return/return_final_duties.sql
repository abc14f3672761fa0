-- One row per case decided after the relief duty, of the return's cases.
-- Key: case_ref
select
    final_duties.case_ref,
    final_duties.main_decision_date,
    final_duties.main_decision,
    final_duties.pneed,
    final_duties.main_duty_end,
    final_duties.main_duty_outcome,
    final_duties.main_accom,
    final_duties.main_accom_la,
from final_duties
order by final_duties.case_ref
