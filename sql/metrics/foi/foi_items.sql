-- One row per item of the standard freedom of information answer, with its definition.
-- Key: item_no
-- total_no is the item that this one is a part of: suppression needs it. Money is in pounds.
select * from (
    values
    (1, 'Approaches', 'households', null, 'Applications dated in the month, advice-only cases among them.'),
    (2, 'Prevention duties accepted', 'households', null, 'Prevention duties (s195) that started in the month.'),
    (3, 'Relief duties accepted', 'households', null, 'Relief duties (s189B) that started in the month.'),
    (
        4, 'Main duties accepted', 'households', null,
        'Main duties (s193) accepted in the month, by the date of the decision.'
    ),
    (
        5, 'Placed in temporary accommodation', 'households', null,
        'Households that came into temporary accommodation in the month; a move between placements is not counted.'
    ),
    (
        6, 'Left temporary accommodation', 'households', null,
        'Households that left temporary accommodation in the month; a move between placements is not counted.'
    ),
    (
        7, 'Main duty ended', 'households', null,
        'Main duties (s193) that ended in the month, whatever the outcome (discharged).'
    ),
    (
        8, 'In temporary accommodation at the month''s end', 'households', null,
        'In temporary accommodation on the last day: entered on or before it and not left by it. A household in '
        || 'several placements counts once. Own arrangements (homeless at home) are not counted.'
    ),
    (
        9, 'Families in temporary accommodation', 'households', 8,
        'Of item 8, households with at least one dependent child.'
    ),
    (
        10, 'Single adults in temporary accommodation', 'households', 8,
        'Of item 8, households of one adult and no dependent child. Couples and larger households of adults are in '
        || 'neither item 9 nor item 10.'
    ),
    (
        11, 'In nightly paid accommodation', 'households', 8,
        'Of item 8, in nightly paid, privately managed, self-contained accommodation. Nightly paid accommodation with '
        || 'shared facilities is bed and breakfast.'
    ),
    (
        12, 'In bed and breakfast', 'households', 8,
        'Of item 8, in bed and breakfast hotels, shared annexes among them.'
    ),
    (
        13, 'In bed and breakfast over six weeks', 'households', 12,
        'Of item 12, more than 42 days, over all the household''s bed and breakfast placements; before April 2024 over '
        || 'the current one.'
    ),
    (
        14, 'Families in bed and breakfast over six weeks', 'households', 13,
        'Of item 13, households with at least one dependent child.'
    ),
    (
        15, 'Placed outside the district', 'households', 8,
        'Of item 8, with at least one placement in the area of another authority, by today''s boundaries.'
    ),
    (
        16, 'Placed outside the region', 'households', 15,
        'Of item 15, in another region than the authority''s (for a London borough: outside London).'
    ),
    (
        17, 'Children in temporary accommodation', 'children', null,
        'Dependent children of the households of item 8 on the last day. Household members are as recorded at the end '
        || 'of the last quarter; children born later than the month are left out.'
    ),
    (18, 'Children aged 0 to 4', 'children', 17, 'Of item 17, by age on the last day of the month.'),
    (19, 'Children aged 5 to 11', 'children', 17, 'Of item 17, by age on the last day of the month.'),
    (20, 'Children aged 12 to 15', 'children', 17, 'Of item 17, by age on the last day of the month.'),
    (21, 'Children aged 16 to 17', 'children', 17, 'Of item 17, by age on the last day of the month.'),
    (
        22, 'Dependent children aged 18 and over', 'children', 17,
        'Of item 17, by age on the last day of the month.'
    ),
    (23, 'Children whose age is not known', 'children', 17, 'Of item 17.'),
    (
        24, 'Nights in temporary accommodation', 'nights', null,
        'Nights that households spent in temporary accommodation in the month; a household in two placements has one.'
    ),
    (
        25, 'Gross spend', '£', null,
        'Placement nights times rate. Empty if the rate of any night is not known.'
    ),
    (
        26, 'Net spend', '£', null,
        'Gross spend less what housing benefit subsidy can pay back at most (subsidy cap at January 2011 Local Housing '
        || 'Allowance). Empty if a rate is not known.'
    )
) as items (item_no, item, unit, total_no, definition)
