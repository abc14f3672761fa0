-- One row per pair of a finding never seen before and one put right that may be the same: a correction changed the key.
-- Key: finding_id, was_finding_id
-- The rule, the case and the fields are the same, the earlier one is gone and this one was never seen. Two records that
-- are both there in both runs are two records.
with came as (
    select
        found_now.*,
        was_there.record_key is not null as is_old_record
    from found_now
    anti join seen_before on found_now.known_as = seen_before.finding_id
    left join there_before as was_there
        on
            found_now.case_ref = was_there.case_ref
            and found_now.section = was_there.section
            and found_now.identity = was_there.identity
    where found_now.record_key is not null
    qualify row_number() over (partition by found_now.finding_id) = 1
),

went as (
    select
        gone.finding_id,
        gone.rule_id,
        gone.section,
        gone.case_ref,
        gone.fields,
        gone.record_key,
        now_there.record_key is not null as is_still_there
    from resolved_finding
    inner join gone on resolved_finding.finding_id = gone.finding_id
    left join there_before as was_there
        on
            gone.case_ref = was_there.case_ref
            and gone.section = was_there.section
            and gone.record_key = was_there.record_key
    left join there_now as now_there
        on
            gone.case_ref = now_there.case_ref
            and gone.section = now_there.section
            and coalesce(was_there.identity, gone.record_key) = now_there.identity
    where gone.record_key is not null
    qualify row_number() over (partition by gone.finding_id) = 1
)

select
    came.finding_id,
    went.finding_id as was_finding_id,
from came
inner join went
    on
        came.rule_id = went.rule_id
        and came.case_ref = went.case_ref
        and came.section is not distinct from went.section
        and came.fields is not distinct from went.fields
        and not (came.is_old_record and went.is_still_there)
order by came.case_ref, came.rule_id, came.record_key, came.finding_id, went.record_key, went.finding_id
