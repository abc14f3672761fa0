"""``hclic serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import WarehouseFileOrNone

THIS_MACHINE = "127.0.0.1"


def serve(
    warehouse: WarehouseFileOrNone = None,
    host: Annotated[str, typer.Option(help="Address to listen at. Another one needs certificate and passwords.")] = (
        THIS_MACHINE
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: one that is free.")] = 0,
    certificate: Annotated[Path | None, typer.Option(help="Certificate for TLS, a PEM file with its chain.")] = None,
    key: Annotated[Path | None, typer.Option(help="Key of the certificate, a PEM file of mode 0600.")] = None,
    passwords: Annotated[
        Path | None, typer.Option(help="File of people who may sign in, of mode 0600: see --add-user.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="Source profile: its case_url links cases to the council's system.", show_default=False),
    ] = None,
    idle_minutes: Annotated[float, typer.Option(min=1, max=720, help="Minutes without use until it ends.")] = 30,
    name: Annotated[
        str | None, typer.Option("--as", help="Who writes notes and waivers. Default: this account.")
    ] = None,
    add_user: Annotated[
        str | None, typer.Option(help="Ask for a password of this person, keep it in --passwords, and end.")
    ] = None,
) -> None:
    """Show the warehouse in the browser: runs, findings, cases, official tables, worklists, metrics.

    Read-only but for notes and waivers, and for this machine alone. Open the address that is printed; its token is new
    each time. Ends with Ctrl-C, in the browser, or when nobody has used it for a while. docs/serve.md says more.

    Examples:

    hclic serve --warehouse out/warehouse.duckdb

    hclic serve --passwords people.txt --add-user "A. Officer"

    hclic serve --warehouse out/warehouse.duckdb --host hclic.example.org --port 8443 --certificate c.pem --key k.pem
    --passwords people.txt
    """
    from pipelines.commands.console import at_the_edge, say
    from pipelines.errors import UsageError

    if add_user is not None:
        _add(passwords, add_user)
        return
    if warehouse is None:
        raise UsageError("Give the warehouse with --warehouse; hclic serve --help shows examples.")
    import getpass

    from pipelines.serve.app import make_app
    from pipelines.serve.listening import check_certificate, serve, socket_at
    from pipelines.serve.passwords import read
    from pipelines.serve.site import Site
    from pipelines.warehouse.quarter import check_file
    from schemas.sources import load

    # Everything that may be wrong is said before anything listens.
    who = name or getpass.getuser()
    Site(warehouse, host, port, who, at_the_edge, certificate=certificate, key=key, passwords=passwords)
    if certificate is not None and key is not None:
        check_certificate(certificate, key)
    if passwords is not None and not read(passwords):
        raise UsageError(
            "The password file names nobody. Add people with: hclic serve --passwords FILE --add-user NAME."
        )
    case_url = load(source).case_url if source is not None else None
    check_file(warehouse)
    with socket_at(host, port) as listening:
        site = Site(
            warehouse,
            host,
            listening.getsockname()[1],
            who,
            at_the_edge,
            idle_minutes=idle_minutes,
            case_url=case_url,
            certificate=certificate,
            key=key,
            passwords=passwords,
        )

        def ready() -> None:
            say(f"Open    {site.address}")
            if passwords is None:
                say("        Whoever has this address can read every case: do not pass it on.")
                say(f"Ends    with Ctrl-C, or after {idle_minutes:g} minutes without use.")

        try:
            why = serve(lambda stop: make_app(site, say, on_stop=stop), site, listening, ready)
        finally:
            site.quarters.close()
    say(f"Ended   {why}")


def _add(passwords: Path | None, name: str) -> None:
    from pipelines.commands.console import say
    from pipelines.errors import UsageError
    from pipelines.serve.passwords import SHORTEST, add

    if passwords is None:
        raise UsageError("Give the password file with --passwords.")
    asked = typer.prompt(f"Password ({SHORTEST} characters at least)", hide_input=True, confirmation_prompt=True)
    add(passwords, name, asked)
    say(f"{name} may sign in: written to {passwords}.")
