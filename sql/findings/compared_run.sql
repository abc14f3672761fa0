-- One row per run before this one that says something of its findings: of the authority, no later day, a whole export.
-- Key: run_id
-- A run on the same bytes as at the same day tells nothing of what changed. Once a quarter has runs of its own, those
-- that were made for other quarters meanwhile are not compared with: other questions were asked of the same cases.
with told as (
    select
        runs.run_id,
        runs.run_order,
        runs.quarter,
        runs.as_at,
        runs.return_profile,
        json_array_length(ledger.ledger, '$.inputs') as count_files,
        json_extract_string(ledger.ledger, '$.compared_with.run_id') as compared_with,
        list_sort(json_extract_string(ledger.ledger, '$.inputs[*].sha256')) as digests,
        list_concat(
            json_extract_string(ledger.ledger, '$.rules.not_run[*].rule_id'),
            json_extract_string(ledger.ledger, '$.rules.not_asked[*]')
        ) as not_asked,
        list_contains(json_extract_string(ledger.ledger, '$.files_beside[*].what'), 'waivers')
        or coalesce(json_extract_string(ledger.ledger, '$.waivers_kept')::integer > 0, false) as has_waivers,
        list_zip(
            json_extract_string(ledger.ledger, '$.findings.by_rule[*].rule_id'),
            json_extract_string(ledger.ledger, '$.findings.by_rule[*].severity')
        ) as by_rule
    from runs
    inner join this_run on runs.la_code = this_run.la_code
    left join ledger on runs.run_id = ledger.run_id
    where
        runs.run_id <> this_run.run_id
        and (runs.as_at, runs.run_order) < (this_run.as_at, this_run.run_order)
        and not list_contains(this_run.not_ended, coalesce(runs.result, ''))
),

whole as (
    select
        told.* exclude (by_rule),
        row_number() over (order by told.as_at, told.run_order) as place
    from told
    cross join this_run
    where
        not list_has_any(
            coalesce(told.by_rule, []), list_transform(this_run.incomplete, lambda one: row(one, this_run.error))
        )
        and (told.digests is distinct from this_run.digests or told.as_at <> this_run.as_at)
),

first_of_quarter as (
    select min(whole.place) as place
    from whole
    inner join this_run on whole.quarter = this_run.quarter
)

select
    whole.*,
    whole.quarter = this_run.quarter
    or first_of_quarter.place is null
    or whole.place < first_of_quarter.place as is_compared
from whole
cross join this_run
cross join first_of_quarter
