-- One row per finding of an earlier run that this run does not have.
-- Key: finding_id
select
    seen_before.finding_id,
    seen_before.last_place,
    seen_before.row_no,
    found.rule_id,
    found.scope,
    found.section,
    found.case_ref,
    found.record_key,
    found.fields
from seen_before
anti join found_now on seen_before.finding_id = found_now.known_as
inner join history.findings as found on seen_before.row_no = found.row_no
