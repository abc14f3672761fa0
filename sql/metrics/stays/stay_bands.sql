-- One row per length band: MHCLG's printed band and the finer one of its hidden headings, in calendar months.
-- Key: band_no
select * from (
    values
    (1, 0, 1, 'Less than 6 months', 'Less than 1 month'),
    (2, 1, 3, 'Less than 6 months', '1 to 3 months'),
    (3, 3, 6, 'Less than 6 months', '3 to 6 months'),
    (4, 6, 12, '6 months to 1 year', '6 months to 1 year'),
    (5, 12, 24, '1 to 2 years', '1 to 2 years'),
    (6, 24, 36, '2 to 5 years', '2 to 3 years'),
    (7, 36, 48, '2 to 5 years', '3 to 4 years'),
    (8, 48, 60, '2 to 5 years', '4 to 5 years'),
    (9, 60, 84, '5+ years', '5 to 7 years'),
    (10, 84, 120, '5+ years', '7 to 10 years'),
    (11, 120, 9999, '5+ years', '10+ years')
) as bands (band_no, from_months, to_months, band, fine_band)
