"""``hclic fleet``: many authorities at once. One module a command."""

from __future__ import annotations

import typer

from pipelines.commands.fleet import admit, compare, init, keep, move, run, snapshots, tables, tend

app = typer.Typer(
    name="fleet",
    help="Many authorities at once: run them, add them up, compare them, and keep their warehouse.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

app.command("compare")(compare.compare)
app.command("init")(init.init)
app.command("run")(run.run)
app.command("check")(run.check)
app.command("admit")(admit.admit)
app.command("dismiss")(admit.dismiss)
app.command("who")(admit.who)
app.command("tend")(tend.tend)
app.command("snapshots")(snapshots.snapshots)
app.command("tables")(tables.tables)
app.command("backup")(keep.backup)
app.command("restore")(keep.restore)
app.command("move")(move.move)
