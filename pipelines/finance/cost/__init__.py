"""What temporary accommodation costs: charges, subsidy cap, RO4, invoices, unit costs and what-if."""
