-- One row per field and free text that may stand in the mart: enough cases share it and it is nothing of a person's.
-- Key: field, value
-- A shifted row carries a name into any column; such a text is rare, looks like one, or stands in the people section.
select
    local_text.field,
    local_text.value,
from mart_local_text as local_text
cross join setting
inner join mart_word as word on local_text.field = word.field and local_text.value = word.value
anti join mart_personal_text as personal on lower(trim(local_text.value)) = personal.value
where
    word.is_confirmed
    or (not word.looks_personal and local_text.count_cases >= setting.suppress_below)
