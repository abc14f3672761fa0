-- Rows whose relief_accom was retired before, or came in after, the day that counts.
-- Key: case_ref
select
    relief.case_ref,
    null::varchar as record_key,
    relief.relief_accom as shown,
from relief
inner join cases on relief.case_ref = cases.case_ref
inner join codelist_accommodation as dated on relief.relief_accom = dated.code
where cases.assess_date < dated.valid_from or cases.assess_date > dated.valid_to
