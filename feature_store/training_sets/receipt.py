"""What a training set is made of, so that it can be made again."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from feature_store.training_sets.choices import Choices
from feature_store.training_sets.receipts import RECEIPT_FILE
from ontime.errors import IngestError


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
        as_of: Only loads that had completed and labels that were known by this instant (UTC), by the clocks of who
            loaded them; none where nothing was left out for its instant: what a load tells counts, whatever its clock.
        until_load: Number of the newest file that was read, in the order in which files were loaded; none in receipts
            that are older than these numbers.
        git_commit: Commit of the project, with `-dirty` where files differed from it; none outside a repository.
        versions: Versions of the programs that made it.
        choices: What was asked for.
        definitions: SHA-256 of each model's compiled SQL and each seed's content, by name.
        raw_loads: Loads that were read, by raw schema.
        lake_snapshot: The snapshot of the lake that they were read from; none on other targets.
        embargo_minutes: Minutes left out before each later part: the longest wait from a prediction to the departure.
        corrected_later: Rows left out of train and validation, as their label was corrected after the next part began.
        parts: train, validation and test.
        columns: The columns, in their order.
        content_sha256: SHA-256 over the hashes of the parts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    created_at: datetime
    as_of: datetime | None
    until_load: int | None = None
    git_commit: str | None
    versions: dict[str, str]
    choices: Choices
    definitions: dict[str, str]
    raw_loads: dict[str, list[str]]
    lake_snapshot: int | None = None
    embargo_minutes: int
    corrected_later: int = 0
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
