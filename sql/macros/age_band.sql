-- Age band of tables A6 and TA5.
create or replace macro age_band(age) as (
    case
        when age >= 75 then '75_plus'
        when age >= 65 then '65_74'
        when age >= 55 then '55_64'
        when age >= 45 then '45_54'
        when age >= 35 then '35_44'
        when age >= 25 then '25_34'
        when age >= 18 then '18_24'
        when age >= 16 then '16_17'
        else 'nk'
    end
)
