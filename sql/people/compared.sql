-- One row per person of the authority, with what is compared of them; null where nothing usable is recorded.
-- Key: person_key
with folded as (
    select
        person_key,
        case_ref,
        date_of_birth,
        regexp_replace(lower(strip_accents(forename)), '[''’`.]', '', 'g') as forename,
        regexp_replace(lower(strip_accents(surname)), '[''’`.]', '', 'g') as surname,
        -- The letter at its end says when benefit was paid and is often left out.
        regexp_extract(regexp_replace(upper(nino), '[^A-Z0-9]+', '', 'g'), '^([A-Z]{2}[0-9]{6})[A-Z]?$', 1) as nino,
        lower(strip_accents(last_address)) as address
    from person
),

-- What is longer is no name and no address, and takes long to compare.
spelt as (
    select
        person_key,
        case_ref,
        date_of_birth,
        left(trim(regexp_replace(forename, '[^\p{L}]+', ' ', 'g')), 60) as forename,
        left(trim(regexp_replace(surname, '[^\p{L}]+', ' ', 'g')), 60) as surname,
        nino,
        left(trim(regexp_replace(address, '[^\p{L}\p{N}]+', ' ', 'g')), 120) as address
    from folded
),

usable as (
    select
        person_key,
        case_ref,
        case
            when forename not in ('', 'unknown', 'not known', 'baby', 'unborn', 'tbc', 'n a', 'none', 'test')
                then forename
        end as forename,
        case
            when surname not in ('', 'unknown', 'not known', 'baby', 'unborn', 'tbc', 'n a', 'none', 'test')
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
    from spelt
),

-- What a thousand people share, or a number that a dozen do, stands for none known.
telling as (
    select
        person_key,
        case_ref,
        case when count(*) over (partition by forename, surname) <= 1000 then forename end as forename,
        case when count(*) over (partition by forename, surname) <= 1000 then surname end as surname,
        case when count(*) over (partition by born) <= 1000 then born end as born,
        case when count(*) over (partition by nino) <= 12 then nino end as nino,
        spelt_address
    from usable
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
from telling
order by person_key
