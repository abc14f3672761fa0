-- One row per cell and household behind it.
-- Key: cell, reference
select
    coalesce(codelist_nationality."group", 'nk') as cell,
    base_decided.case_ref as reference
from base_decided
inner join households on base_decided.case_ref = households.case_ref
left join codelist_nationality on households.nationality = codelist_nationality.code
where base_decided.decision = 'accepted'
