"""Draws what was found of features."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from ontime.charts import write_chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from feature_store.monitoring.findings import DayFinding, Finding

ROW_INCHES: Final = 0.19
FRAME_INCHES: Final = 1.6
WIDTH_INCHES: Final = 13.0
BEYOND: Final = "#c0392b"
WITHIN: Final = "#5d7f99"
# of a day's index; smaller ones are those of days that are alike
LEAST_INDEX: Final = 0.05


def draw_findings(found: Sequence[Finding], path: Path, title: str) -> None:
    """Draw each feature's days as a row of fields, and beside it the whole period with its limit.

    Args:
        found: Features over the same days.
        path: A .png or .html to write.
        title: What is said above.

    Raises:
        OntimeError: It cannot be written.
    """
    is_against = any(each.psi is not None for each in found)
    figure = Figure(figsize=(WIDTH_INCHES, ROW_INCHES * len(found) + FRAME_INCHES), layout="constrained")
    fields, bars = figure.subplots(1, 2, sharey=True, width_ratios=[3, 1])
    figure.suptitle(title)
    _draw_days(figure, fields, found, is_against=is_against)
    _draw_periods(bars, found, is_against=is_against)
    write_chart(figure, path, title)


def _draw_days(figure: Figure, axes: Axes, found: Sequence[Finding], *, is_against: bool) -> None:
    days = [day.day for day in found[0].days]
    values = np.array([[_value(day, is_against=is_against) for day in each.days] for each in found])
    norm = LogNorm(LEAST_INDEX, max(10.0, _greatest(values)), clip=True) if is_against else Normalize(0, 1)
    drawn = axes.pcolormesh(
        np.ma.masked_invalid(values), norm=norm, cmap="viridis_r", edgecolors="white", linewidth=0.3
    )
    axes.set_facecolor("lightgray")
    axes.invert_yaxis()
    axes.set_yticks(np.arange(len(found)) + 0.5, [each.feature for each in found], fontsize=7)
    step = max(1, len(days) // 10)
    axes.set_xticks(np.arange(0, len(days), step) + 0.5, [f"{day}" for day in days[::step]], fontsize=7, rotation=30)
    for label, each in zip(axes.get_yticklabels(), found, strict=True):
        label.set_color(BEYOND if each.is_beyond else "black")
    for row, each in enumerate(found):
        marked = [place + 0.5 for place, day in enumerate(each.days) if day.is_beyond]
        axes.plot(marked, [row + 0.5] * len(marked), "x", color=BEYOND, markersize=4)
    said = "population stability index of the day" if is_against else "null share of the day; x: over a limit"
    figure.colorbar(drawn, ax=axes, location="bottom", label=said, fraction=0.02, aspect=60)


def _draw_periods(axes: Axes, found: Sequence[Finding], *, is_against: bool) -> None:
    lengths = [(each.psi if is_against else each.null_share) or 0.0 for each in found]
    places = np.arange(len(found)) + 0.5
    axes.barh(places, lengths, height=0.7, color=[BEYOND if each.is_beyond else WITHIN for each in found])
    limits = [(place, each.limit) for place, each in zip(places, found, strict=True) if each.limit is not None]
    if limits:
        axes.plot([limit for _, limit in limits], [place for place, _ in limits], "|", color="black", label="limit")
        axes.legend(loc="lower right")
    axes.set_xlabel("index of the period" if is_against else "null share of the period", fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=7)


def _value(day: DayFinding, *, is_against: bool) -> float:
    value = day.psi if is_against else day.null_share
    return float("nan") if value is None else value


def _greatest(values: NDArray[np.float64]) -> float:
    return 0.0 if np.isnan(values).all() else float(np.nanmax(values))
