-- One row per finding asked after that a run does not have: why that says nothing; null where it was put right.
-- Key: finding_id
with cases_there as (
    select distinct case_ref
    from there
),

named as (
    select
        finding_id,
        last_place,
        case_ref,
        section as own_section,
        unnest(string_split(coalesce(fields, ''), ', ')) as field,
    from asked_after
    where exists (from misread_there)
),

-- The cells that a finding is about, by section and name; every finding is about its section without a name too.
cells as (
    select
        finding_id,
        last_place,
        case_ref,
        if(contains(field, '.'), split_part(field, '.', 1), own_section) as section,
        nullif(split_part(field, '.', -1), '') as name
    from named
),

misread as (
    select
        case_ref,
        section,
        first_place,
        fields is null as is_row,
        unnest(string_split(coalesce(fields, ''), ', ')) as name
    from misread_there
),

records_gone as (
    select asked_after.finding_id
    from asked_after
    anti join there
        on
            asked_after.case_ref = there.case_ref
            and asked_after.section = there.section
            and asked_after.record_key = there.record_key
    where asked_after.case_ref is not null and asked_after.record_key is not null
    union all
    select asked_after.finding_id
    from asked_after
    anti join there on asked_after.case_ref = there.case_ref and asked_after.section = there.section
    where asked_after.case_ref is not null and asked_after.record_key is null
),

-- What was understood when the finding was last seen and is not understood now hides it, and mends nothing.
hidden as (
    select distinct cells.finding_id
    from cells
    inner join misread
        on
            cells.section = misread.section
            and coalesce(misread.case_ref, cells.case_ref, '') = coalesce(cells.case_ref, '')
            and (misread.first_place is null or cells.last_place < misread.first_place)
    left join records_gone on cells.finding_id = records_gone.finding_id
    where
        cells.name = misread.name
        or (misread.case_ref is not null and (misread.is_row or records_gone.finding_id is not null))
),

questions as (
    select
        asked_after.finding_id,
        list_contains(asking_run.not_asked, asked_after.rule_id) or out_of_force.rule_id is not null as is_not_asked,
        known_rule.is_of_waivers and not asking_run.has_waivers as is_without_waivers,
        (known_rule.is_of_quarter or known_rule.is_of_pack or asked_after.scope = 'return')
        and last_run.quarter <> asking_run.quarter as is_of_other_quarter,
        known_rule.is_of_comparison
        and (last_run.compared_with is distinct from asking_run.compared_with) as is_of_other_comparison,
        known_rule.is_of_pack
        and (
            (last_run.return_profile is distinct from asking_run.return_profile)
            or (asking_run.own_profile is not distinct from asking_run.return_profile)
        ) as is_of_other_pack,
        last_run.count_files > asking_run.count_files as is_file_less,
        asking_run.is_whole
    from asked_after
    cross join asking_run
    inner join compared_run as last_run on asked_after.last_place = last_run.place
    inner join known_rule on asked_after.rule_id = known_rule.rule_id
    left join out_of_force on asked_after.rule_id = out_of_force.rule_id and asking_run.quarter = out_of_force.quarter
)

select
    asked_after.finding_id,
    case
        when not questions.is_whole then 'export'
        when questions.is_not_asked or questions.is_without_waivers or questions.is_of_other_pack then 'rule'
        when questions.is_of_other_quarter then 'quarter'
        when questions.is_of_other_comparison then 'told once'
        when asked_after.case_ref is not null and cases_there.case_ref is null then 'case'
        when hidden.finding_id is not null then 'not read'
        when
            questions.is_file_less and (records_gone.finding_id is not null or asked_after.case_ref is null)
            then 'not read'
    end as why
from asked_after
inner join questions on asked_after.finding_id = questions.finding_id
left join cases_there on asked_after.case_ref = cases_there.case_ref
left join hidden on asked_after.finding_id = hidden.finding_id
left join records_gone on asked_after.finding_id = records_gone.finding_id
