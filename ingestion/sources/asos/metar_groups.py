"""The groups of a METAR report: what each says by its own form.

A group counts only where the whole of it has the form that the standards give it (FMH-1 chapter 12, WMO 49-2 FM 15).
One that does not is not read: guessing at it would give values that look like measurements.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

REMEMBERED_GROUPS = 50_000
METRES_PER_MILE = 1609.344
WIDEST_METRIC_METRES = 9999
KNOTS = {"MPS": 1.943844, "KMH": 0.539957}
FULL_CIRCLE_DEGREES = 360
SPEED_DIGITS_WITHOUT_UNIT = 2

_WIND = re.compile(
    r"(?P<direction>[\dO]{3}|VRB|/{3,4}|MMM)(?P<speed>P?[\dO]{2,3}|//|MM)"
    r"(?:G(?P<gust>P?[\dO]{2,3}|//|MM))?(?P<unit>KTS?|LT|K|T|MPS|KMH)?"
)
_MILES = re.compile(r"[MP]?(?:(?P<whole>\d{1,2})_)?(?P<number>\d{1,3})(?:/(?P<parts>\d{1,2}))?(?:\+?SM|\+)")
_METRES = re.compile(r"(?P<metres>\d{4})(?P<direction>NDV|[NSEW][EW]?)?|(?P<kilometres>\d{1,2})KM")
_WEATHER = re.compile(
    r"(?P<intensity>VC|[-+](?:VC)?)?"
    r"(?P<what>(?:MI|PR|BC|DR|BL|SH|TS|FZ|DZ|RA|SN|SG|IC|PL|PE|GR|GS|UP|BR|FG|FU|VA|DU|SA|HZ|PY|PO|SQ|FC|SS|DS)+)"
    r"(?P<late_intensity>[-+])?"
)
_LAYER = re.compile(
    r"(?P<cover>FEW|SCT|BKN|[O0]VC|VV|///)(?P<height>[\dO]{3}|///)?"
    r"(?:CB(?:MAM)?|TCU|AC(?:C|SL)?|AS|CC(?:SL)?|CI|CS|CU|NS|SC(?:SL)?|ST|///)?"
)
_TEMPERATURE = re.compile(r"(?:[M-]?\d\d|//|XX|MM)/(?:[M-]?\d\d|//|XX|MM)?")
_END = re.compile(r"(?:A|Q|QNH|QFE)[\dO/]{4}(?:INS)?|NOSIG|TEMPO|BECMG|FCST")
# What is understood and says nothing of the values that are kept; NSW says that there is no weather to speak of.
_NO_VALUE = re.compile(
    r"AUTO|CORR?|CC[A-Z]|RTD|AMD|TEST|FINO|NIL|NSW|CB|TCU|\d{3}V\d{3}|R\d\d[LCR]{0,2}/\S+|R/SNOCLO|RVRNO|[M/]+|/+(?:SM|KT)"
)


class Mark(Enum):
    """Groups that hold no value."""

    NO_VALUE = auto()
    CEILING_AND_VISIBILITY_OK = auto()
    TEMPERATURE = auto()
    END = auto()
    UNREAD = auto()


@dataclass(frozen=True, slots=True)
class Wind:
    """Direction in degrees (null when variable or missing), speed and gusts in knots if the unit is given."""

    direction: int | None
    speed: int | None
    gust: int | None
    has_unit: bool


@dataclass(frozen=True, slots=True)
class Visibility:
    """Statute miles; `M1/4SM` (less than) is 0.25 and `P6SM` (more than) 6: the bound is what was measured."""

    miles: float
    is_metric: bool
    is_directional: bool = False


@dataclass(frozen=True, slots=True)
class Weather:
    """A present weather group."""

    code: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the sky.

    Attributes:
        is_ceiling: Whether it is a ceiling: broken, overcast or a vertical visibility; null when its cover is missing.
        height_ft: Height above ground, null when missing, and for a clear sky.
    """

    is_ceiling: bool | None
    height_ft: int | None


Group = Wind | Visibility | Weather | Layer | Mark
CLEAR = Layer(is_ceiling=False, height_ft=None)
NOT_SEEN = Layer(is_ceiling=None, height_ft=None)
TEN_KM = Visibility(round(10_000 / METRES_PER_MILE, 4), is_metric=True)
WHOLE_GROUPS: dict[str, Group] = {
    **dict.fromkeys(("CLR", "SKC", "SCK", "NSC", "NCD"), CLEAR),
    **dict.fromkeys(("//////", "/////////"), NOT_SEEN),
    "CAVOK": Mark.CEILING_AND_VISIBILITY_OK,
}


@lru_cache(maxsize=REMEMBERED_GROUPS)
def read_group(text: str) -> Group:
    """Reads one group.

    Args:
        text: The group, without blanks: miles and a fraction are `1_1/2SM`.

    Returns:
        What it says; `Mark.UNREAD` where it has no form that is known.
    """
    if text in WHOLE_GROUPS:
        return WHOLE_GROUPS[text]
    for form, meaning in _FORMS:
        if match := form.fullmatch(text):
            return meaning(match)
    return Mark.UNREAD


def _wind(match: re.Match[str]) -> Group:
    direction, unit = _number(match["direction"]), match["unit"]
    if direction is not None and direction > FULL_CIRCLE_DEGREES:
        return Mark.UNREAD
    if unit is None and len(match["speed"]) != SPEED_DIGITS_WITHOUT_UNIT:
        return Mark.UNREAD
    factor = KNOTS.get(unit or "", 1.0)
    speed, gust = (
        None if number is None else round(number * factor) for number in map(_number, (match["speed"], match["gust"]))
    )
    return Wind(direction, speed, gust, has_unit=unit is not None)


def _number(text: str | None) -> int | None:
    digits = (text or "").removeprefix("P").replace("O", "0")
    return int(digits) if digits.isdigit() else None


def _miles(match: re.Match[str]) -> Group:
    miles = float(match["number"])
    if match["parts"]:
        parts = int(match["parts"])
        if not 0 < miles < parts:
            return Mark.UNREAD
        miles = miles / parts + int(match["whole"] or 0)
    elif match["whole"]:
        return Mark.UNREAD
    return Visibility(round(miles, 4), is_metric=False)


def _metres(match: re.Match[str]) -> Group:
    metres = int(match["kilometres"]) * 1000 if match["kilometres"] else int(match["metres"])
    metres = 10_000 if metres == WIDEST_METRIC_METRES else metres
    return Visibility(
        round(metres / METRES_PER_MILE, 4),
        is_metric=True,
        is_directional=match["direction"] not in (None, "NDV"),
    )


def _layer(match: re.Match[str]) -> Group:
    height = _number(match["height"])
    is_ceiling = None if match["cover"] == "///" else match["cover"] not in ("FEW", "SCT")
    return Layer(is_ceiling, None if height is None else height * 100)


def _weather(match: re.Match[str]) -> Group:
    # ice pellets were PE until 5 November 1998
    what = match["what"].replace("PE", "PL")
    return Weather((match["intensity"] or match["late_intensity"] or "") + what)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Group]], ...] = (
    (_NO_VALUE, lambda _: Mark.NO_VALUE),
    (_LAYER, _layer),
    (_WIND, _wind),
    (_MILES, _miles),
    (_METRES, _metres),
    (_TEMPERATURE, lambda _: Mark.TEMPERATURE),
    (_END, lambda _: Mark.END),
    (_WEATHER, _weather),
)
