-- Rows whose main_accom was retired before, or came in after, the day that counts.
-- Key: case_ref
select
    final_duties.case_ref,
    null::varchar as record_key,
    final_duties.main_accom as shown,
from final_duties
inner join cases on final_duties.case_ref = cases.case_ref
inner join codelist_accommodation as dated on final_duties.main_accom = dated.code
where cases.assess_date < dated.valid_from or cases.assess_date > dated.valid_to
