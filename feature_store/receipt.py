"""What a training set is made of, so that it can be made again."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ingestion.receipts import RECEIPT_FILE
from ingestion.source import IngestError


class Choices(BaseModel):
    """What the user asked for.

    Attributes:
        horizons_minutes: Minutes before the scheduled departure at which predictions are made.
        start: First scheduled instant of prediction (UTC), or none.
        end: First instant past the last one, or none.
        features: Groups of features, by entity; none means all.
        validation_share: Share of the time span that the validation part takes.
        test_share: Share of the time span that the test part takes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    horizons_minutes: tuple[int, ...]
    start: datetime | None = None
    end: datetime | None = None
    features: tuple[str, ...] = ()
    validation_share: float = 0.15
    test_share: float = 0.15


class Part(BaseModel):
    """A file of the set: its rows in the order of their instants, none later than the next part's first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    sha256: str
    rows: int
    first_prediction_at: datetime | None
    last_prediction_at: datetime | None


class Column(BaseModel):
    """A column of the set: its DuckDB type and the share of its values that are null, 0 to 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    null_share: float


class Receipt(BaseModel):
    """The receipt of a training set.

    Attributes:
        name: Name of the set.
        created_at: When it was made (UTC).
        as_of: Only loads that had completed and facts that were known by this instant (UTC) were used.
        git_commit: Commit of the project, with `-dirty` where files differed from it; none outside a repository.
        versions: Versions of the programs that made it.
        choices: What was asked for.
        definitions: SHA-256 of each model's compiled SQL and each seed's content, by name.
        raw_loads: Loads that were read, by raw schema.
        lake_snapshot: The snapshot of the lake that they were read from; none on other targets.
        embargo_minutes: Minutes left out before each later part: the longest delay of a label behind its prediction.
        parts: train, validation and test.
        columns: The columns, in their order.
        content_sha256: SHA-256 over the hashes of the parts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    created_at: datetime
    as_of: datetime
    git_commit: str | None
    versions: dict[str, str]
    choices: Choices
    definitions: dict[str, str]
    raw_loads: dict[str, list[str]]
    lake_snapshot: int | None = None
    embargo_minutes: int
    parts: dict[str, Part]
    columns: dict[str, Column]
    content_sha256: str

    @classmethod
    def read(cls, folder: Path) -> "Receipt":
        """Read the receipt of a set.

        Raises:
            IngestError: There is none, or it is no receipt.
        """
        path = folder / RECEIPT_FILE
        if not path.exists():
            raise IngestError(f"{folder} is no training set: it has no {RECEIPT_FILE}")
        try:
            return cls.model_validate_json(path.read_text())
        except ValueError as error:
            raise IngestError(f"{path} is no receipt of a training set: {str(error).splitlines()[0]}") from None

    def write(self, folder: Path) -> None:
        """Write the receipt beside the parts."""
        (folder / RECEIPT_FILE).write_text(self.model_dump_json(indent=2) + "\n")
