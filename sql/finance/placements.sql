-- One row per placement in temporary accommodation, own arrangements among them.
-- Key: case_key, placement_no
-- Columns:
--   case_key: pseudonym of the case
--   placement_no: number of the placement within the case
--   entry_date: first night
--   exit_date: day the household left, not itself a night; empty while open
--   nights: nights from entry to exit; empty while open
--   nights_to_date: nights up to the exit or, while open, up to and with the quarter's last day
--   ta_type: type of temporary accommodation (code list ta_type)
--   ta_type_label: the same in words
--   taduty: duty or power under which it is provided (code list taduty)
--   taduty_group: the same as table TA3 groups it
--   ta_la: district in which the accommodation lies (GSS code)
--   is_out_of_district: in another district than the authority's, by the codes in force today
--   exit_reason: why the household left (code list exit_reason)
--   landlord_key: pseudonym of the landlord or provider
--   site_key: pseudonym of the building or scheme
--   site_name: its name; withheld where few cases share the text and it is not confirmed
--   rate: charge recorded on the placement, £ a night; empty if not recorded
--   bedrooms: bedrooms of the property
--   self_contained: kitchen and bathroom not shared with other households
--   lha_area: broad rental market area; withheld where few cases share the text
--   cost_centre: cost centre; withheld where few cases share the text
--   is_own_arrangements: homeless at home or other own arrangements, which are no temporary accommodation
--   household_type: adults and children of the case
--   has_dependent_children: at least one dependent child in the case
--   is_family: a dependent child or a pregnant member (Suitability Order 2003, article 2)
select
    mart_case.case_key,
    placements.placement_no,
    placements.entry_date,
    placements.exit_date,
    placements.exit_date - placements.entry_date as nights,
    coalesce(placements.exit_date, reporting_period.last_day + 1) - placements.entry_date as nights_to_date,
    placements.ta_type,
    codelist_ta_type.label as ta_type_label,
    placements.taduty,
    placements.taduty_group,
    placements.ta_la,
    placements.is_out_of_district,
    placements.exit_reason,
    mart_landlord.landlord_key,
    mart_site.site_key,
    if(placements.site is null, null, coalesce(shown_site.value, 'withheld')) as site_name,
    placements.rate,
    placements.bedrooms,
    placements.self_contained,
    if(placements.lha_area is null, null, coalesce(shown_area.value, 'withheld')) as lha_area,
    if(placements.cost_centre is null, null, coalesce(shown_centre.value, 'withheld')) as cost_centre,
    placements.is_own_arrangements,
    households.household_type,
    households.has_dependent_children,
    is_family(households.has_dependent_children, households.has_pregnant_member) as is_family,
from placements
cross join reporting_period
inner join mart_case on placements.case_ref = mart_case.case_ref
left join households on placements.case_ref = households.case_ref
left join mart_landlord on placements.landlord = mart_landlord.landlord
left join mart_site on placements.site = mart_site.site
left join mart_shown_text as shown_site
    on shown_site.field = 'site' and placements.site = shown_site.value
left join mart_shown_text as shown_area
    on shown_area.field = 'lha_area' and placements.lha_area = shown_area.value
left join mart_shown_text as shown_centre
    on shown_centre.field = 'cost_centre' and placements.cost_centre = shown_centre.value
left join codelist_ta_type on placements.ta_type = codelist_ta_type.code
order by mart_case.case_key, placements.placement_no
