-- One row per run: what the amounts of the cost figures rest on, in words, and the files by name.
-- Key: basis
-- Title: What the cost figures rest on
-- basis_for_sharing says the same without the name of a file. Without a file, its name is empty.
select
    basis,
    basis_for_sharing,
    rates_file,
    lha_file,
    ceilings_file,
    invoices_file,
    is_what_if,
from cost_choice
