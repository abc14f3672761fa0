"""The command ``hclic``. Nothing is computed here, and nothing slow is imported until a command runs."""

from __future__ import annotations

import sys

import typer

from pipelines.commands import (
    alerts,
    backup,
    before_after,
    cost,
    dashboard,
    dictionary,
    diff,
    doctor,
    findings,
    foi,
    forecast,
    guide,
    init,
    metrics,
    official,
    people,
    profile,
    published,
    query,
    reconcile,
    report,
    root,
    rules,
    run,
    serve,
    synthesise,
    tables,
    words,
    worklists,
)
from pipelines.errors import HclicError

app = typer.Typer(
    name="hclic",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.callback()(root.root)
for command in (
    init.init,
    doctor.doctor,
    run.run,
    run.check,
    diff.diff,
    rules.rules,
    dictionary.dictionary,
    tables.tables,
    tables.p1e,
    published.published,
    reconcile.reconcile,
    synthesise.synthesise,
    metrics.metrics,
    worklists.worklists,
    alerts.alerts,
    dashboard.dashboard,
    report.report,
    forecast.forecast,
    before_after.before_after,
    foi.foi,
    query.mart,
    query.query,
    cost.cost,
    serve.serve,
    guide.guide,
    backup.backup,
    backup.restore,
):
    app.command()(command)
app.add_typer(findings.app, name="findings")
app.add_typer(official.app, name="official")
app.add_typer(people.app, name="people")
app.add_typer(profile.app, name="profile")
app.add_typer(words.app, name="words")


def main() -> None:
    """Run the command; a user's error is one sentence and an exit status, never a traceback."""
    try:
        app()
    except HclicError as error:
        sys.stderr.write(f"hclic: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except MemoryError:
        sys.stderr.write("hclic: there is not enough memory for this export.\n")
        sys.exit(3)
    except Exception as error:
        # The text of an unforeseen exception may hold a value from the data: only its kind and place are shown.
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f"{frame.tb_frame.f_globals.get('__name__')}, line {frame.tb_lineno}" if frame else "unknown place"
        sys.stderr.write(
            f"hclic: an unforeseen fault ({type(error).__name__} in {where}). Nothing was put in place."
            " Please report this line; it holds no case data.\n"
        )
        sys.exit(4)


if __name__ == "__main__":
    main()
