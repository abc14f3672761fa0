"""The one exit: everything that is published or shared leaves through this package.

Two rules decide what leaves:

- ``hide_as_mhclg`` (``policies``), for the tables that MHCLG publishes too: the breakdowns of a row whose base is
  small. It can be undone by subtraction; ours are hidden alike so that the two can be compared.
- ``release`` (``edition``), for everything of our own: counts as multiples of 5, and what rests on them worked out
  again; audited over all metrics together.

What leaves                       how
--------------------------------  ----------------------------------------------------------------------------------
official.csv, .xlsx, .ods         ``hide_as_mhclg``; what is hidden is said in schemas/tables/suppression.csv
england.csv, .xlsx                sums of what ``hide_as_mhclg`` leaves of each authority: of that, and of nothing else
metrics, shareable edition        ``release``; ``shareable`` is the register of what there is and how it adds up
authorities beside each other     ``across``, which rounds as ``release`` does, over all of them together
freedom of information answer     read from the released metrics
pages, charts, report             read from the released metrics

Everything else that is written (worklists, official_internal.csv, p1e.csv, the mart for finance, findings) is
internal: it passes no rule and says so. So is england_internal.csv.

``thresholds`` holds the numbers, ``rounding`` what is printed for a count, ``system`` and ``relations`` what a reader
knows, ``audit`` what can be worked out from it.
"""
