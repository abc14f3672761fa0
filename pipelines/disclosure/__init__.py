"""The one exit: everything that is published or shared leaves through this package.

Two policies (``policies``) decide which figures stay behind:

- ``hide_as_mhclg``, for the tables that MHCLG publishes too: the breakdowns of a row whose base is small. It can be
  undone by subtraction; ours are hidden alike so that the two can be compared.
- ``protect``, for everything of our own: small counts, and as many more as keep those from being worked out.

What leaves                       under             what adds up to what is said in
--------------------------------  ----------------  -----------------------------------------------------
official.csv, .xlsx, .ods         hide_as_mhclg     ``official`` (schemas/tables/suppression.csv)
metrics, shareable edition        protect           ``metrics``: all its tables together
freedom of information answer     protect           ``foi``: all its months together
pages for sharing                 protect           ``pipelines.emit.pages.links``: all figures of the pages

Metrics of overlapping groups are rounded instead. Everything else that is written (worklists, official_internal.csv,
p1e.csv, the mart for finance, findings) is internal: it passes no policy and says so.

``thresholds`` holds the numbers, ``solver`` the arithmetic behind ``protect``.
"""
