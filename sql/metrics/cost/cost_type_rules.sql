-- One row per type of temporary accommodation: its line of RO4 and the subsidy rule that caps its housing benefit.
-- Key: ta_type
-- is_self_contained: by the type's own definition in TA1; null where the property decides. is_capped: whether the rule
-- of the subsidy manual, section 6 applies; authority and registered provider stock is outside it (recalled).
select * from (
    values
    ('bb', 'Bed and breakfast hotels (including shared annexes)', false, true),
    ('nightly', 'Nightly paid, privately managed accommodation, self-contained', true, true),
    ('hostel', 'Hostels (including reception centres, emergency units and refuges)', null, true),
    ('psl', 'Private sector accommodation leased (by authority or by a registered provider)', null, true),
    ('la_ha', 'Local authority or housing association stock', null, false),
    ('other', 'Any other type of temporary accommodation', null, true)
) as rules (ta_type, ro4_line, is_self_contained, is_capped)
