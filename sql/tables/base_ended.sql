-- One row per household and duty, prevention or relief, that ended in the quarter.
-- Key: case_ref, duty
with ended as (
    select
        duties.case_ref,
        duties.duty,
        coalesce(duties.outcome, 'nk') as outcome,
        duties.is_secured,
        coalesce(duties.activity, 'nk') as activity,
        coalesce(duties.accommodation, 'nk') as accommodation,
        households.household_type,
        case
            when host.code is null or (host.country = 'England' and host.region_code is null) or host.code = 'nk'
                then 'nk'
            when coalesce(host.active_code, host.code) = coalesce(own.active_code, reporting_period.la_code)
                then 'same_authority'
            when host.region_code = own.region_code then 'same_region'
            else 'elsewhere'
        end as destination
    from duties
    cross join reporting_period
    left join households on duties.case_ref = households.case_ref
    left join codelist_authority as own on reporting_period.la_code = own.code
    left join codelist_authority as host on duties.accommodation_la = host.code
    where
        duties.duty <> 'main'
        and duties.end_date between reporting_period.first_day and reporting_period.last_day
)

select * from ended
