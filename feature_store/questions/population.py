"""Which flights a question is about, by what their schedule says: it is known at every prediction."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ontime.sql import quote_sql

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,4}$")]
Codes = Annotated[tuple[Code, ...], Field(min_length=1)]
LISTS: Final = ("carrier_code", "origin_airport_code", "destination_airport_code")


class Bounds(BaseModel):
    """The least and the greatest of values that count, both included; none for no bound."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _verify_order(self) -> Bounds:
        if self.at_least is None and self.at_most is None:
            raise ValueError("it bounds nothing: name at_least or at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} is over at_most {self.at_most}")
        return self

    def condition(self, column: str) -> str:
        """It as SQL."""
        bounds = (("<=", self.at_most), (">=", self.at_least))
        return " and ".join(f"{column} {sign} {value}" for sign, value in reversed(bounds) if value is not None)


class Population(BaseModel):
    """The flights that all of these allow; nothing allows all that have the label.

    Attributes:
        carrier_code: Carriers by their code.
        origin_airport_code: Airports of departure.
        destination_airport_code: Airports of arrival.
        distance_miles: Length of the flight in statute miles.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    carrier_code: Codes | None = None
    origin_airport_code: Codes | None = None
    destination_airport_code: Codes | None = None
    distance_miles: Bounds | None = None

    @property
    def conditions(self) -> list[str]:
        """The filters as SQL on the columns of `fct_flights`."""
        found = []
        for column in LISTS:
            codes: tuple[str, ...] | None = getattr(self, column)
            if codes is not None:
                found.append(f"{column} in ({', '.join(map(quote_sql, sorted(codes)))})")
        if self.distance_miles is not None:
            found.append(self.distance_miles.condition("distance_miles"))
        return found
