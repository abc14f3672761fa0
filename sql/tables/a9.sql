-- One row per cell and household behind it.
-- Key: cell, reference
select
    coalesce(codelist_nationality."group", 'nk') as cell,
    base_owed.case_ref as reference
from base_owed
left join codelist_nationality on base_owed.nationality = codelist_nationality.code
