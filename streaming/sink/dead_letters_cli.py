"""Show the records that cannot be events, and send them again."""

from __future__ import annotations

from typing import Annotated

import typer

from ontime.console import ReportingGroup, output, table
from ontime.errors import OntimeError
from ontime.settings import Settings
from streaming.sink.dead_letters import DeadLetter, read_dead_letters, send_again

LONGEST_SHOWN = 80

app = typer.Typer(cls=ReportingGroup, add_completion=False, no_args_is_help=True, help=__doc__)
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Only those whose reason has this text in it.")]


@app.command("list", epilog="Example: ontime stream dead-letters list --reason schema_version")
def list_letters(reason: Reason = None) -> None:
    """Show those that were not sent again.

    They stand in the topic dead-letters for as long as the broker keeps them, and in raw for good.
    """
    letters = _with_reason(read_dead_letters(Settings.load()), reason)
    shown = table("Dead letters", "place", "taken (UTC)", "reason", "value")
    for letter in letters:
        taken_at = f"{letter.taken_at:%Y-%m-%d %H:%M:%S}"
        shown.add_row(letter.place, taken_at, letter.reason, _short(letter.value))
    if letters:
        output.print(shown, markup=False)
    else:
        output.print("There are none.")


@app.command(epilog="Example: ontime stream dead-letters replay flight-events/1/0/42")
def replay(
    places: Annotated[
        list[str] | None,
        typer.Argument(metavar="PLACE", help="Which, as list shows them.", show_default=False),
    ] = None,
    reason: Reason = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Send dead letters to their topics again, byte for byte: for those that a newer release can read.

    One that still cannot be an event becomes a dead letter again.
    """
    if not (places or reason or every):
        raise typer.BadParameter("say which: places, --reason or --all")
    settings = Settings.load()
    letters = _with_reason(read_dead_letters(settings), reason)
    if places:
        if unknown := set(places) - {letter.place for letter in letters}:
            raise OntimeError(
                f"no dead letter is at {', '.join(sorted(unknown))}", remedy="see ontime stream dead-letters list"
            )
        letters = [letter for letter in letters if letter.place in places]
    send_again(settings, letters)
    output.print(f"Sent again: {len(letters):,}")


def _with_reason(letters: list[DeadLetter], reason: str | None) -> list[DeadLetter]:
    return [letter for letter in letters if reason is None or reason in letter.reason]


def _short(value: bytes | None) -> str:
    text = "" if value is None else value.decode(errors="backslashreplace")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
