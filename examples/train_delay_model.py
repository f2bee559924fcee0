"""Will this flight be late, or cancelled? A model from a training set of any question, against three that know less.

    ontime training-set create two-hours --horizon 2h
    python examples/train_delay_model.py data/training_sets/two-hours

At each horizon of the set, trains on the `train` part, stops on `validation`, and prints ROC AUC, average precision and
Brier score on `test`, which lies later in time. Saves a plot of reliability and one of importance for each horizon
beside the set, or where --output says. The question is the one that the set's receipt names; of one that asks for
minutes, whether they are 15 or more. With --save `ontime serve` and `ontime predict` answer by the model that knows
most.
"""

import argparse
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import pandas as pd
from sklearn.calibration import CalibrationDisplay
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from feature_store.questions import DEFAULT_QUESTION, load_question
from feature_store.questions.labels import LabelColumn
from feature_store.serving.models import save_model
from feature_store.training_sets.receipt import Receipt
from ontime.console import progress_lines, report
from ontime.settings import Settings

mpl.use("Agg")
from matplotlib import pyplot as plt

LABEL = "label"
LATE_MINUTES = 15
SCHEDULE = [
    "carrier_code",
    "origin_airport_code",
    "destination_airport_code",
    "distance_miles",
    "scheduled_elapsed_minutes",
    "scheduled_departure_local_hour",
    "iso_day_of_week",
    "is_us_holiday",
]
AIRCRAFT = "aircraft__"
SEED = 2013
IMPORTANCE_ROWS = 5_000


class Prediction(NamedTuple):
    """What a model says of the flights of the test part, and how well."""

    model: str
    probability: pd.Series
    roc_auc: float
    average_precision: float
    brier_score: float


class Trained(NamedTuple):
    """The models of one horizon, with the examples of two parts, and the model that knows most, with its columns."""

    horizon_minutes: int
    train: pd.DataFrame
    test: pd.DataFrame
    predictions: list[Prediction]
    best: HistGradientBoostingClassifier
    columns: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("training_set", type=Path, help="folder that `ontime training-set create` made")
    parser.add_argument("--output", type=Path, help="folder for the plots (default: the training set's)")
    parser.add_argument("--question", help="refuse a set that is of another question")
    parser.add_argument("--save", action="store_true", help="save the models for `ontime serve` and `ontime predict`")
    options = parser.parse_args()
    asked = Receipt.read(options.training_set).choices.question
    if options.question not in (None, asked):
        report(f"error: {options.training_set} is of the question {asked}, not {options.question}")
        raise SystemExit(1)
    if options.save and asked != DEFAULT_QUESTION:
        report(f"error: --save: {DEFAULT_QUESTION} is what is served, and {options.training_set} is of {asked}")
        raise SystemExit(1)
    outcome = "cancelled" if load_question(asked).label.answer.name == "is_cancelled" else "delayed"
    output = options.output or options.training_set
    output.mkdir(parents=True, exist_ok=True)
    with progress_lines() as tell:
        found_by_horizon = list(train(options.training_set, tell))
    for trained in found_by_horizon:
        test = trained.test
        print(
            f"{len(test):,} flights of the test part, {test[LABEL].mean():.3f} of them {outcome},"
            f" {trained.horizon_minutes:,} minutes before departure"
        )
        print(f"{'':21}{'ROC AUC':>10}{'avg precision':>15}{'Brier':>10}")
        for found in trained.predictions:
            print(f"{found.model:21}{found.roc_auc:10.3f}{found.average_precision:15.3f}{found.brier_score:10.4f}")
        plots = [output / f"{name}-{trained.horizon_minutes}.png" for name in ("reliability", "importance")]
        _plot_reliability(test[LABEL], trained.predictions, plots[0])
        _plot_importance(trained, plots[1])
        print(f"Plots: {', '.join(map(str, plots))}")
        if options.save:
            receipt = Receipt.read(options.training_set)
            saved = save_model(
                Settings.load().serve_model, trained.best, trained.train, trained.horizon_minutes, receipt
            )
            print(f"Saved: {saved}")


def train(training_set: Path, tell: Callable[[str], None]) -> Iterator[Trained]:
    """Train at each horizon of a set, the longest first; `tell` is told of each model."""
    answer = load_question(Receipt.read(training_set).choices.question).label.answer
    parts = {name: _read(training_set / f"{name}.parquet", answer) for name in ("train", "validation", "test")}
    for minutes in sorted(parts["test"]["horizon_minutes"].unique(), reverse=True):
        chosen = {name: rows[rows["horizon_minutes"] == minutes] for name, rows in parts.items()}
        yield _train_at(int(minutes), chosen, tell)


def _train_at(horizon_minutes: int, parts: dict[str, pd.DataFrame], tell: Callable[[str], None]) -> Trained:
    features = [
        name
        for name in parts["train"].columns
        if "__" in name
        and not pd.api.types.is_datetime64_any_dtype(parts["train"][name])
        and parts["train"][name].notna().any()
    ]
    columns = SCHEDULE + features
    columns_of = {
        "features": columns,
        "without the aircraft": [name for name in columns if not name.startswith(AIRCRAFT)],
        "schedule only": SCHEDULE,
    }
    test = parts["test"]
    models = {}
    for number, (model, known) in enumerate(columns_of.items(), start=1):
        tell(f"{horizon_minutes:,} minutes before departure: training {model}, {number} of {len(columns_of)}")
        models[model] = _fit(parts, known)
    probabilities = {name: model.predict_proba(test[columns_of[name]])[:, 1] for name, model in models.items()}
    probabilities["carrier and hour"] = _base_rate(parts["train"], test)
    predictions = [
        Prediction(
            model,
            probability,
            float(roc_auc_score(test[LABEL], probability)),
            float(average_precision_score(test[LABEL], probability)),
            float(brier_score_loss(test[LABEL], probability)),
        )
        for model, probability in probabilities.items()
    ]
    return Trained(horizon_minutes, parts["train"], test, predictions, models["features"], columns)


def _read(path: Path, answer: LabelColumn) -> pd.DataFrame:
    rows = pd.read_parquet(path)
    for name in rows.select_dtypes(include="object").columns:
        kinds = {type(value) for value in rows[name].dropna().head(1)}
        if kinds == {Decimal}:
            rows[name] = rows[name].astype(float)
        elif kinds == {str}:
            rows[name] = rows[name].astype("category")
    told = rows[answer.name]
    rows[LABEL] = told.astype(bool) if answer.data_type == "boolean" else told >= LATE_MINUTES
    return rows


def _fit(parts: dict[str, pd.DataFrame], columns: list[str]) -> HistGradientBoostingClassifier:
    model = HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_iter=200,
        max_leaf_nodes=31,
        min_samples_leaf=200,
        l2_regularization=1.0,
        early_stopping=True,
        n_iter_no_change=10,
        categorical_features="from_dtype",
        random_state=SEED,
    )
    train, validation = parts["train"], parts["validation"]
    return model.fit(train[columns], train[LABEL], X_val=validation[columns], y_val=validation[LABEL])


def _base_rate(train: pd.DataFrame, test: pd.DataFrame) -> pd.Series:
    keys = ["carrier_code", "scheduled_departure_local_hour"]
    rates = train.groupby(keys, observed=True)[LABEL].mean().rename("rate").reset_index()
    found = test[keys].astype({"carrier_code": str}).merge(rates.astype({"carrier_code": str}), on=keys, how="left")
    return found["rate"].fillna(train[LABEL].mean())


def _plot_reliability(label: pd.Series, predictions: list[Prediction], path: Path) -> None:
    figure, axes = plt.subplots(figsize=(6, 6), layout="constrained")
    for found in predictions:
        CalibrationDisplay.from_predictions(
            label, found.probability, n_bins=10, strategy="quantile", name=found.model, ax=axes
        )
    axes.set(xlabel="predicted probability", ylabel="share of flights of which it is true", title="Reliability")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _plot_importance(trained: Trained, path: Path) -> None:
    test, columns = trained.test, trained.columns
    sample = test.sample(min(IMPORTANCE_ROWS, len(test)), random_state=SEED)
    found = permutation_importance(
        trained.best, sample[columns], sample[LABEL], scoring="roc_auc", n_repeats=2, random_state=SEED
    )
    means = pd.Series(found.importances_mean, columns).sort_values().tail(20)
    figure, axes = plt.subplots(figsize=(8, 7), layout="constrained")
    means.plot.barh(ax=axes)
    axes.set(xlabel="loss of ROC AUC when the column is shuffled", title="What the model uses")
    figure.savefig(path, dpi=120)
    plt.close(figure)


if __name__ == "__main__":
    main()
