"""The page about the mart, from the heads of its SQL files."""

from __future__ import annotations

from pipelines.finance.mart.pseudonyms import KEY_VARIABLE
from pipelines.finance.mart.query import MEMORY, TABLE_FUNCTIONS
from pipelines.finance.mart.relations import RELATIONS, documentation

_FUNCTIONS = ", ".join(f"`{name}`" for name in sorted(TABLE_FUNCTIONS))
_HEAD = f"""# The mart for finance

Generated from the heads of `sql/finance/*.sql` (`pipelines.finance.mart.docs.render_markdown`). Do not edit.

Read-only relations, one a grain, built from one run of the warehouse. All join on `case_key`.

- **As files**: `hclic mart --warehouse FILE --authority CODE --quarter Q --out DIR` writes `<relation>.parquet`,
  `mart.duckdb` (open it read-only: `duckdb -readonly mart.duckdb`, or access mode read-only in other clients; the
  schema `in_words` has each relation under headings in words) and `mart.xlsx`: first what every column holds, then one
  sheet a relation, each a named table for pivot tables with its headings in words above it, dates as dates, pounds as
  pounds.
- **By question**: `hclic query "select …" --warehouse FILE [--quarter Q] [--limit N] [--out FILE.csv|FILE.xlsx]`. One
  statement that reads, over the relations below; of functions after FROM: {_FUNCTIONS}.
  It runs in a process of its own, which may take {MEMORY >> 30} GiB and 60 seconds; a query that needs more is stopped
  with a sentence, and exit 2. (On Linux; elsewhere DuckDB's own limit of 1 GB alone.)
  A pivot names its values: `pivot nights_by_month on ta_type in ('bb', 'psl') using sum(nights) group by month`.

What stands in it and what does not:

- No name, date of birth, address, National Insurance number, case reference, local reference, officer, placement
  reference or invoice number; no ethnicity, nationality, eligibility, sexual orientation, gender identity, support
  need, priority need or benefit, because no question of finance needs them.
- `case_key`, `landlord_key` and `site_key` are pseudonyms: the first 16 hex digits of an HMAC-SHA-256 under the key in
  the environment variable `{KEY_VARIABLE}`. The same key gives the same pseudonyms in every run; a case's is
  that of its H-CLIC reference alone. Without a key they are row numbers of the run, in an order that says nothing, and
  the relation `about` says so. The key is stored nowhere: lose it, and older marts cannot be joined to newer ones.
- Whether a member is pregnant stands in it, because the law's limit of six weeks in bed and breakfast is for families,
  and a family is a household with a dependent child or a pregnant member (Suitability Order 2003). `is_family` says it;
  ask that, and not for children alone.
- Ages stand in bands. Free text (team, name of a site, cost centre, LHA area) stands only where the authority has
  confirmed the word (`hclic words confirm`), or where at least as many cases share it as the setting `suppress_below`
  says (5) and it does not look like a telephone number, e-mail address, date, reference or postcode; and never where it
  is also a name, address, number or officer of the run. Else `withheld`. A row of an export that is shifted by a column
  cannot so bring a name into the mart.
- Rows are about single households and small numbers are not suppressed: pseudonymised data are still personal data
  (UK GDPR, recital 26). The mart is internal. What is published goes through `hclic foi`, `hclic tables` and the
  shareable dashboard.
- An empty value is not known or has not come yet; it is never 0. Nothing is dated after the quarter's last day (setting
  `mask_after_quarter_end`).
- The Parquet files and the workbook have the same bytes for the same run, key and version; the DuckDB file has the same
  rows. In a workbook no text is ever taken for a formula; a CSV of `hclic query` holds plain text, and Excel may take a
  text that begins with `=`, `+`, `-` or `@` for a formula: use `.xlsx` for Excel.

Twelve questions are answered in [the gallery](gallery.md). Those that come again each month are ready:
`hclic metrics list`.
"""


def render_markdown() -> str:
    """Text of ``docs/mart.md``: grain, key and columns of every relation."""
    lines = [_HEAD]
    for name in RELATIONS:
        known = documentation(name)
        lines += [f"## {name}", "", f"{known.grain} Key: {', '.join(f'`{part}`' for part in known.key)}.", ""]
        lines += ["| column | in words | |", "|---|---|---|"]
        lines += [f"| `{column}` | {known.headings[column]} | {text} |" for column, text in known.columns.items()]
        lines.append("")
    return "\n".join(lines)
