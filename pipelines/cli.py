"""The command ``hclic``. Nothing is computed here, and nothing slow is imported until a command runs."""

from __future__ import annotations

import signal
import sys

import typer

from pipelines.commands import (
    alerts,
    backup,
    before_after,
    compare,
    cost,
    dashboard,
    deploy,
    dictionary,
    diff,
    doctor,
    findings,
    fleet,
    foi,
    forecast,
    forget,
    guide,
    init,
    key,
    ledger,
    metrics,
    official,
    people,
    profile,
    published,
    purge,
    qa,
    query,
    reconcile,
    report,
    reproduce,
    revise,
    root,
    rules,
    run,
    serve,
    signoff,
    synthesise,
    tables,
    words,
    worklists,
)
from pipelines.commands.streams import NOT_SHOWN, forgiving
from pipelines.commands.watch import FIRST_OF_SIGNALS, UNWATCHED, can_be_watched, stops_on_signals, watched, words_of
from pipelines.errors import InputError, StoppedBySignal
from pipelines.faults import sentence_of
from pipelines.private import keep_to_owner
from pipelines.surroundings import told_of_memory

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
    revise.revise,
    compare.compare,
    reproduce.reproduce,
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
    purge.purge,
    forget.forget,
    forget.subject,
    deploy.deploy,
):
    app.command()(command)
app.add_typer(findings.app, name="findings")
app.add_typer(fleet.app, name="fleet")
app.add_typer(key.app, name="key")
app.add_typer(ledger.app, name="ledger")
app.add_typer(official.app, name="official")
app.add_typer(people.app, name="people")
app.add_typer(profile.app, name="profile")
app.add_typer(qa.app, name="qa")
app.add_typer(signoff.app, name="signoff")
app.add_typer(words.app, name="words")


KEEPS_ITS_STATUS = frozenset({"run", "check", "revise", "reproduce"})
"""Commands whose result is not what they show: it stands in files, or is the exit status itself. So it is of all that
are given ``--out``."""


def entry() -> None:
    """``main`` as a program of its own: what the system ends without a word is told by the process that watches."""
    main(is_watched=True)


def main(*, is_watched: bool = False) -> None:
    """Run the command; a user's error is one sentence and an exit status, never a traceback.

    ``is_watched``: in a process that is split off for it, where that can be; only for a program that does nothing else.
    """
    keep_to_owner()
    command = next((word for word in sys.argv[1:] if word in UNWATCHED | KEEPS_ITS_STATUS), None)
    with forgiving() as shown:
        status = watched() if is_watched and can_be_watched(command) else None
        if status is None:
            status = in_this_process()
            sys.stdout.flush()
            if shown.is_lost:
                sys.stderr.write(f"hclic: {NOT_SHOWN}\n")
                if not status and command not in KEEPS_ITS_STATUS and "--out" not in sys.argv:
                    status = InputError.exit_code
    sys.exit(status)


def in_this_process() -> int:
    """Run the command, and say its error in a sentence; returns the exit status of design §7."""
    try:
        with stops_on_signals():
            app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except StoppedBySignal as stopped:
        # A library that gets no memory for its threads sends this signal to its own process.
        if stopped.number == signal.SIGINT and (lacking := told_of_memory()) is not None:
            sys.stderr.write(f"hclic: {lacking}\n")
            return lacking.exit_code
        sys.stderr.write(f"hclic: {words_of(stopped.number)}\n")
        return FIRST_OF_SIGNALS + stopped.number
    except BrokenPipeError:
        return 0
    except BaseException as error:  # a panic inside polars is no Exception
        sentence, status = sentence_of(error)
        sys.stderr.write(f"hclic: {sentence}\n")
        return status
    return 0


if __name__ == "__main__":
    entry()
