"""Temperature, humidity, pressure and precipitation of METAR texts that come without the provider's columns for them.

The remarks tell temperatures in tenths of a degree and the body in whole ones: the finer counts. Humidity follows from
the two temperatures by the Magnus formula with Bolton's constants, as the provider has it.
"""

from __future__ import annotations

from typing import Final

# column of a report: SQL over the columns that measures_sql adds to a text
MEASURES: Final = {
    "tmpf": "round(temperature_celsius * 1.8 + 32, 2)",
    "dwpf": "round(dew_point_celsius * 1.8 + 32, 2)",
    "relh": (
        "round(100 * exp(17.67 * dew_point_celsius / (dew_point_celsius + 243.5)"
        " - 17.67 * temperature_celsius / (temperature_celsius + 243.5)), 2)"
    ),
    "alti": (
        "coalesce(try_cast(regexp_extract(body, ' A(\\d{4}) ', 1) as double) / 100,"
        " round(try_cast(regexp_extract(body, ' Q(\\d{4}) ', 1) as double) * 0.02953, 2))"
    ),
    # the hundreds are left out: the pressure is the one nearer to 1,000 hPa
    "mslp": (
        "case when sea_level_tenths >= 500 then 900 + sea_level_tenths / 10.0 else 1000 + sea_level_tenths / 10.0 end"
    ),
    "p01i": "try_cast(regexp_extract(remarks, ' P(\\d{4}) ', 1) as double) / 100",
}


def measures_sql(relation: str) -> str:
    """A select of a relation's columns and of what `MEASURES` is made of.

    Args:
        relation: Has a column `metar`.
    """
    return f"""
        with texts as (
            select
                *,
                ' ' || regexp_replace(split_part(metar, 'RMK', 1), '[\\s=$]+', ' ', 'g') || ' ' as body,
                ' ' || regexp_replace(split_part(metar, 'RMK', 2), '[\\s=$]+', ' ', 'g') || ' ' as remarks
            from {relation}
        ),
        groups as (
            select
                *,
                regexp_extract(remarks, ' T([01]\\d{{3}})([01]\\d{{3}}) ', ['temperature', 'dew_point']) as tenths,
                regexp_extract(body, ' (M?\\d{{2}})/(M?\\d{{2}})? ', ['temperature', 'dew_point']) as degrees,
                try_cast(regexp_extract(remarks, ' SLP(\\d{{3}}) ', 1) as integer) as sea_level_tenths
            from texts
        )
        select *, {_celsius("temperature")} as temperature_celsius, {_celsius("dew_point")} as dew_point_celsius
        from groups
    """


def _celsius(name: str) -> str:
    """A temperature: tenths begin with 1 below zero, whole degrees with M."""
    tenths = f"try_cast(tenths.{name}[2:] as integer) / 10.0"
    return (
        f"coalesce(case when tenths.{name}[1] = '1' then -{tenths} else {tenths} end,"
        f" try_cast(replace(degrees.{name}, 'M', '-') as double))"
    )
