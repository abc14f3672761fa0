-- Age in whole years on a day.
-- A person attains an age at the start of the birthday; who is born on 29 February does so on 1 March in a common year.
create or replace macro age_on(born, on_date) as (
    year(on_date) - year(born)
    - if((month(on_date), day(on_date)) < (month(born), day(born)), 1, 0)
)
