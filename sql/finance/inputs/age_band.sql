-- One row per age band: children as the rules for bed and breakfast and schools cut them, adults as table A6 does.
-- Key: age_band
select * from (
    values
    ('0-4', 0, 4),
    ('5-11', 5, 11),
    ('12-15', 12, 15),
    ('16-17', 16, 17),
    ('18-24', 18, 24),
    ('25-34', 25, 34),
    ('35-44', 35, 44),
    ('45-54', 45, 54),
    ('55-64', 55, 64),
    ('65-74', 65, 74),
    ('75+', 75, 150)
) as bands (age_band, from_age, to_age)
