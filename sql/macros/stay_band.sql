-- Band of a length of stay in calendar months, as in table TA4.
create or replace macro stay_band(months) as (
    case
        when months < 6 then 'under_6_months'
        when months < 12 then '6_months_to_1_year'
        when months < 24 then '1_to_2_years'
        when months < 60 then '2_to_5_years'
        else '5_years_plus'
    end
)
