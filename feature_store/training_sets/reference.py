"""What a receipt tells of how the features of its set are distributed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Bins(BaseModel):
    """How the values of a feature are distributed.

    Attributes:
        edges: Of numbers, each the greatest of its bin; greater ones than the last are in a bin of their own.
        names: Of text, the most frequent values, each a bin; others are in one.
        counts: Rows in each bin, the last two those of greater or other values, and null.
        limit: The population stability index that 28 days or more do not exceed by chance; none where the set has too
            few days to tell.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    edges: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    limit: float | None = None

    @property
    def size(self) -> int:
        """How many bins there are."""
        return len(self.edges) + len(self.names) + 2


class Reference(BaseModel):
    """How the features of a set's part `train` are distributed.

    Attributes:
        days: Days (UTC) that it has predictions on.
        features: By the column.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int
    features: dict[str, Bins]
