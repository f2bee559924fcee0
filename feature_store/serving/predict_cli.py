"""Ask how likely a flight leaves 15 or more minutes late."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer

from ontime.console import output
from ontime.settings import Settings
from ontime.times import FORMS, METAVAR, check_time, read_time

app = typer.Typer(add_completion=False)


@app.command(
    no_args_is_help=True,
    epilog="Example: ontime predict B6 583 JFK MCO 2013-12-30T14:00Z --at 2013-12-30T12:00Z",
)
def predict(
    carrier: Annotated[str, typer.Argument(help="The carrier's code, as B6.")],
    flight: Annotated[int, typer.Argument(help="The flight's number.")],
    origin: Annotated[str, typer.Argument(help="The airport that it leaves, as JFK.")],
    destination: Annotated[str, typer.Argument(metavar="DEST", help="The airport that it goes to, as MCO.")],
    scheduled_at: Annotated[
        str, typer.Argument(metavar="SCHEDULED_AT", callback=check_time, help="When it is to leave, as an instant.")
    ],
    tail_number: Annotated[str | None, typer.Option("--tail", help="The aircraft, where it is known.")] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar=METAVAR, callback=check_time, help=f"With what was known by then: {FORMS}; by default now."
        ),
    ] = None,
) -> None:
    """How likely a flight leaves 15 or more minutes late, by a saved model and the features in the online store."""
    from pydantic import ValidationError  # noqa: PLC0415 - slow to import

    from feature_store.online.opening import open_online_features  # noqa: PLC0415
    from feature_store.serving.bodies import Flight  # noqa: PLC0415
    from feature_store.serving.models import load_models  # noqa: PLC0415
    from feature_store.serving.predicting import predict as predict_flights  # noqa: PLC0415
    from ontime.errors import OntimeError  # noqa: PLC0415

    settings = Settings.load()
    try:
        asked = Flight(
            carrier_code=carrier.upper(),
            flight_number=flight,
            origin_airport_code=origin.upper(),
            destination_airport_code=destination.upper(),
            scheduled_departure_at=f"{read_time(scheduled_at).first.isoformat()}Z",
            tail_number=tail_number,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise OntimeError(first["msg"], where=str(first["loc"][0])) from None
    models = load_models(settings.serve_model)
    instant = None if at is None else read_time(at).first.replace(tzinfo=UTC)
    (found,) = predict_flights(open_online_features(settings), models, [asked], instant)
    output.print(f"{found.probability:.0%} likely to leave 15 or more minutes late", highlight=False)
    output.print(
        f"by the model for {found.horizon_minutes:,} minutes before departure, trained on {found.training_set}"
        f" ({found.training_set_sha256[:12]}); {found.features_found:.0%} of its features were known",
        highlight=False,
    )
