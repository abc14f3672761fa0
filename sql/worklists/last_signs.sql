-- One row per case: the last day, by the worklists' own, on which the household was seen or heard of, and how.
-- Key: case_ref
-- What the household takes part in. Letters, decisions and the end of a duty happen without it and are no sign of it.
with signs as (
    select
        case_ref,
        last_activity_date as day,
        'work on the case' as sign
    from one_main
    union all
    select
        case_ref,
        first_contact_date,
        'first contact'
    from one_main
    union all
    select
        case_ref,
        application_date,
        'application'
    from one_main
    union all
    select
        case_ref,
        assess_date,
        'assessment'
    from one_main
    union all
    select
        case_ref,
        php_date,
        'personalised housing plan'
    from one_main
    union all
    select
        case_ref,
        review_requested_date,
        'request for a review'
    from review_dates
    union all
    select
        case_ref,
        last_seen_date,
        'seen in the accommodation'
    from temporary_accommodation
    union all
    select
        case_ref,
        last_rent_date,
        'rent or charge paid'
    from temporary_accommodation
    union all
    select
        case_ref,
        entry_date,
        'moved into a placement'
    from placements
    union all
    select
        case_ref,
        exit_date,
        'left a placement'
    from placements
)

select
    signs.case_ref,
    signs.day as last_sign_on,
    signs.sign as last_sign
from signs
cross join metric_window
where signs.day <= metric_window.last_day
qualify row_number() over (partition by signs.case_ref order by signs.day desc, signs.sign asc) = 1
