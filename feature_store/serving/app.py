"""The application that services ask."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.security import APIKeyHeader
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from feature_store.questions import DEFAULT_QUESTION
from feature_store.serving.bodies import (
    FeaturesRequest,
    FeaturesResponse,
    FlightsRequest,
    PredictionsResponse,
    write_features,
)
from feature_store.serving.limits import Bounds, Keys, verify_rows
from feature_store.serving.problems import add_handlers, describe_problems

if TYPE_CHECKING:
    from feature_store.online.features import OnlineFeatures
    from feature_store.questions.services import FeatureService
    from feature_store.serving.models import Model
    from ontime.settings import Settings

PROBLEMS: Final = (400, 401, 403, 413, 422, 503, 504)
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
read_key = APIKeyHeader(name="X-API-Key", auto_error=False)
Key = Annotated[str | None, Depends(read_key)]


def make_app(settings: Settings, features: OnlineFeatures, services: Iterable[FeatureService]) -> FastAPI:
    """The application.

    Args:
        settings: For the keys, limits and the folder of the models.
        features: What it serves.
        services: Which of them belong together, for the keys.

    Raises:
        OntimeError: The settings' keys name services that there are none of.
    """
    app = FastAPI(
        title="ontime", version="1", summary="Features of flights, and how likely they leave late.", redoc_url=None
    )
    keys = Keys(settings.serve_keys.get_secret_value(), features.catalogue, services)
    models = cache(lambda: _load_models(settings))
    add_handlers(app)
    _add_metrics(app)
    app.add_middleware(Bounds, most_bytes=settings.serve_max_bytes, seconds=settings.serve_timeout_seconds)

    @app.post("/features", responses=describe_problems(*PROBLEMS))
    def read_features(asked: FeaturesRequest, key: Key) -> FeaturesResponse:
        """Features of entities, by their keys."""
        chosen = keys.choose(key, asked.features)
        verify_rows(len(asked.entities), settings.serve_max_rows)
        answers = features.read(asked.entities, chosen, asked.at)
        return FeaturesResponse.model_construct(answers=list(map(write_features, answers)))

    @app.post("/flights/features", responses=describe_problems(*PROBLEMS))
    def read_features_of_flights(asked: FlightsRequest, key: Key) -> FeaturesResponse:
        """Features of scheduled flights: all that the key may have."""
        chosen = keys.choose(key, None)
        verify_rows(len(asked.flights), settings.serve_max_rows)
        answers = features.read([flight.entity for flight in asked.flights], chosen, asked.at)
        return FeaturesResponse.model_construct(answers=list(map(write_features, answers)))

    @app.post("/flights/predict", responses=describe_problems(404, *PROBLEMS))
    def predict_flights(asked: FlightsRequest, key: Key) -> PredictionsResponse:
        """How likely scheduled flights leave 15 or more minutes late."""
        from feature_store.serving.predicting import predict  # noqa: PLC0415 - slow to import

        keys.verify_question(key, DEFAULT_QUESTION)
        verify_rows(len(asked.flights), settings.serve_max_rows)
        return PredictionsResponse(predictions=predict(features, models(), asked.flights, asked.at))

    @app.get("/healthz", response_class=PlainTextResponse)
    def tell_alive() -> str:
        """Whether the process answers."""
        return "ok"

    @app.get("/readyz", response_class=PlainTextResponse, responses=describe_problems(503))
    def tell_ready() -> str:
        """Whether the online store answers."""
        features.verify_store()
        return "ok"

    return app


def _load_models(settings: Settings) -> list[Model]:
    from feature_store.serving.models import load_models  # noqa: PLC0415 - slow to import

    return load_models(settings.serve_model)


def _add_metrics(app: FastAPI) -> None:
    registry = CollectorRegistry()
    answered = Counter("ontime_serve_requests", "Requests.", ("path", "status"), registry=registry)
    took = Histogram("ontime_serve_seconds", "Time of a request.", ("path",), buckets=BUCKETS, registry=registry)

    @app.get("/metrics", response_class=PlainTextResponse)
    def tell_metrics() -> Response:
        """What Prometheus asks."""
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    @app.middleware("http")
    async def measure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        began = time.perf_counter()
        response = await call_next(request)
        # of paths that there are none of nobody is to make series
        path = route.path if (route := request.scope.get("route")) else "other"
        answered.labels(path, str(response.status_code)).inc()
        took.labels(path).observe(time.perf_counter() - began)
        return response
