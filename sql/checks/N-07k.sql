-- Rows whose relief_outcome was retired before, or came in after, the day that counts.
-- Key: case_ref
select
    relief.case_ref,
    null::varchar as record_key,
    relief.relief_outcome as shown,
from relief
inner join cases on relief.case_ref = cases.case_ref
inner join codelist_relief_outcome as dated on relief.relief_outcome = dated.code
where cases.assess_date < dated.valid_from or cases.assess_date > dated.valid_to
