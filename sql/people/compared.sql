-- One row per person of the authority, with what is compared of them; null where nothing usable is recorded.
-- Key: person_key
with folded as (
    select
        person_key,
        case_ref,
        date_of_birth,
        trim(regexp_replace(regexp_replace(lower(strip_accents(forename)), '[''’`.]', '', 'g'), '[^a-z]+', ' ', 'g'))
            as forename,
        trim(regexp_replace(regexp_replace(lower(strip_accents(surname)), '[''’`.]', '', 'g'), '[^a-z]+', ' ', 'g'))
            as surname,
        -- The letter at its end says when benefit was paid and is often left out.
        regexp_extract(regexp_replace(upper(nino), '[^A-Z0-9]+', '', 'g'), '^([A-Z]{2}[0-9]{6})[A-Z]?$', 1) as nino,
        trim(regexp_replace(lower(strip_accents(last_address)), '[^a-z0-9]+', ' ', 'g')) as address
    from person
),

usable as (
    select
        person_key,
        case_ref,
        case
            when forename not in ('', 'unknown', 'not known', 'baby', 'unborn', 'tbc', 'na', 'n a', 'none', 'test')
                then forename
        end as forename,
        case
            when surname not in ('', 'unknown', 'not known', 'baby', 'unborn', 'tbc', 'na', 'n a', 'none', 'test')
                then surname
        end as surname,
        case when date_of_birth > date '1900-01-01' then strftime(date_of_birth, '%Y%m%d') end as born,
        -- Numbers that stand for none known: one digit six times, or counted up.
        case
            when
                nino <> '' and not regexp_matches(nino, '(0{6}|1{6}|2{6}|3{6}|4{6}|5{6}|6{6}|7{6}|8{6}|9{6}|123456)$')
                then nino
        end as nino,
        case
            when address not in ('', 'nfa', 'no fixed abode', 'no fixed address', 'unknown', 'not known', 'none', 'na')
                then address
        end as spelt_address
    from folded
)

select
    person_key,
    case_ref,
    forename,
    surname,
    born,
    nino,
    -- One spelling of the words that are shortened most.
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(spelt_address, '\b(apartment|apt|flt)\b', 'flat', 'g'),
                    '\broad\b', 'rd', 'g'
                ),
                '\bstreet\b', 'st', 'g'
            ),
            '\bavenue\b', 'ave', 'g'
        ),
        '\bclose\b', 'cl', 'g'
    ) as address,
    born[1:4] as year_born,
    born[1:6] as month_born,
    forename[1] as forename_initial,
    surname[1] as surname_initial,
    -- The same for a day and month that were exchanged, and for names that were.
    born[1:4] || least(born[5:6], born[7:8]) || greatest(born[5:6], born[7:8]) as birth_key,
    least(forename, surname) || '/' || greatest(forename, surname) as name_key
from usable
order by person_key
