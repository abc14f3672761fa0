-- One row per type of temporary accommodation: its line of RO4 and the subsidy rule that caps its housing benefit.
-- Key: ta_type
-- is_self_contained: by the type's own definition in TA1; null where the property decides. is_capped: whether the rule
-- of the subsidy manual, section 6 applies; authority and registered provider stock is outside it (recalled).
-- All of it is said in the code list; own arrangements are nobody's cost.
select
    code as ta_type,
    cast(ro4_line_no as integer) as ro4_line_no,
    ro4_line,
    is_self_contained = 'yes' as is_self_contained,
    is_capped = 'yes' as is_capped
from codelist_ta_type
where ro4_line is not null
