"""Play a loaded period as events, on a simulated clock."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer

from ontime.console import output, progress_lines
from ontime.locks import exclusive_lock
from ontime.settings import Settings
from streaming.replay.disorder import Disorder
from streaming.replay.plan import Plan, Wanted
from streaming.replay.player import Player, utc
from streaming.stopping import stop_on_signals

LOCK_FILE = "replay.lock"
FASTEST = "max"
DISORDER = "Disorder: shares of the events, for tests"
NUMBER = re.compile(r"\d+(\.\d+)?")
EXAMPLES = """
Play a loaded period as events, on a simulated clock.

What dbt has built of the period goes to the broker as documents, each when the clock shows the instant at which it was
known; the record's time is that instant. The hourly weather of the sample is encoded as METAR text. Run the same
command again after a stop or a crash: it goes on with what the broker does not have yet.

Examples:

  ontime replay --start 2013-02-08

  ontime replay --start 2013-01-01 --end 2013-03-31 --speed max
"""

app = typer.Typer(add_completion=False)


def _day(text: str | None) -> str | None:
    try:
        if text is not None:
            date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day like 2013-02-08") from None
    return text


def _speed(text: str) -> str:
    if text != FASTEST and not (NUMBER.fullmatch(text) and float(text) > 0):
        raise typer.BadParameter(f"{text!r} is neither {FASTEST} nor a number above 0")
    return text


def _share(text: str) -> Any:  # noqa: ANN401 - as typer has it
    """An option of a share of the events."""
    return typer.Option(metavar="SHARE", min=0, max=1, rich_help_panel=DISORDER, help=text)


@app.command(help=EXAMPLES)
def replay(
    start: Annotated[str, typer.Option(metavar="DAY", help="First day (UTC), for example 2013-02-08.", callback=_day)],
    end: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day; without it, only the first.", callback=_day)
    ] = None,
    speed: Annotated[
        str, typer.Option(metavar="FACTOR", help="Simulated seconds a second, or max.", callback=_speed)
    ] = "600",
    restart: Annotated[bool, typer.Option("--restart", help="From the first event, whatever was sent.")] = False,
    late: Annotated[float, _share("Reach the broker later than they were known.")] = 0.0,
    repeated: Annotated[float, _share("Are sent twice.")] = 0.0,
    corrected: Annotated[float, _share("Have a wrong instant first; the right one follows.")] = 0.0,
    out_of_order: Annotated[float, _share("Come behind events of later instants.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Another one draws others.", rich_help_panel=DISORDER)] = 0,
) -> None:
    """Play a loaded period as events."""
    first, last = date.fromisoformat(start), date.fromisoformat(end or start)
    if last < first:
        raise typer.BadParameter("is before --start", param_hint="--end")
    disorder = Disorder(seed, late, repeated, corrected, out_of_order)
    wanted = Wanted(_midnight(first), _midnight(last + timedelta(days=1)), disorder)
    settings, began = Settings.load(), time.monotonic()
    with stop_on_signals() as stop, progress_lines() as tell:
        lock = settings.data_dir / LOCK_FILE
        with exclusive_lock(lock, settings.lock_timeout_seconds, tell, "replay"):
            plan = Plan(settings, wanted)
            if restart:
                plan.forget()
            total = plan.prepare(tell)
            player = Player(settings, plan, None if speed == FASTEST else float(speed), tell)
            is_whole = player.play(total, stop)
            if is_whole:
                plan.forget()
    seconds = time.monotonic() - began
    output.print(f"Sent {player.sent:,} events in {seconds:,.1f} s")
    if not is_whole:
        reached = utc(player.instant) if player.instant is not None else "its beginning"
        output.print(f"Stopped at {reached}. Run the same command again to go on")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - UTC without zone, as everywhere
