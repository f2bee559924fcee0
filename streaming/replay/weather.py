"""Weather of the marts as documents of reports, in SQL of DuckDB."""

from __future__ import annotations


def weather_documents(start: str, end: str, schema_version: int) -> str:
    """A select of known_at, key and document.

    Args:
        start: SQL of the first instant.
        end: SQL of the instant after the last observation.
        schema_version: Of the documents.
    """
    return f"""
        select
            first_known_at as known_at,
            airport_code as key,
            '{{"schema_version":' || {schema_version} || ',"station":' || to_json(airport_code)::varchar
            || ',"observed_at":"' || strftime(observed_at, '%Y-%m-%dT%H:%M:%SZ')
            || '","metar":' || to_json(coalesce(metar_text, {_METAR}))::varchar || '}}' as document
        from marts.fct_weather_observations
        where observed_at >= {start} and observed_at < {end}
    """


def _group(condition: str, text: str) -> str:
    return f"case when {condition} then {text} end"


def _tenths(celsius: str) -> str:
    return f"(case when {celsius} < 0 then '1' else '0' end || lpad(round(abs({celsius}) * 10)::int::varchar, 3, '0'))"


def _degrees(celsius: str) -> str:
    return f"(case when {celsius} < 0 then 'M' else '' end || lpad(round(abs({celsius}))::int::varchar, 2, '0'))"


def _metar() -> str:
    """The groups of a report that the columns tell; sixteenths of a mile are the finest that visibility is told in."""
    wind = (
        "case when wind_speed_knots = 0 then '000' when wind_direction_degrees is null then 'VRB'"
        " else lpad(wind_direction_degrees::varchar, 3, '0') end || lpad(wind_speed_knots::varchar, 2, '0')"
        " || coalesce('G' || lpad(wind_gust_knots::varchar, 2, '0'), '') || 'KT'"
    )
    sixteenths = "round(visibility_miles * 16)::int"
    visibility = (
        f"case when {sixteenths} % 16 = 0 then ({sixteenths} // 16)::varchar"
        f" when {sixteenths} < 16 then {sixteenths}::varchar || '/16'"
        f" else ({sixteenths} // 16)::varchar || ' ' || ({sixteenths} % 16)::varchar || '/16' end || 'SM'"
    )
    temperatures = "temperature_celsius is not null and dew_point_celsius is not null"
    groups = [
        "'METAR'",
        "case when length(airport_code) = 3 then 'K' else '' end || airport_code",
        "strftime(observed_at, '%d%H%MZ')",
        _group("wind_speed_knots is not null", wind),
        _group("visibility_miles is not null", visibility),
        "present_weather",
        _group(temperatures, f"{_degrees('temperature_celsius')} || '/' || {_degrees('dew_point_celsius')}"),
        "'RMK AO2'",
        _group(
            "sea_level_pressure_hpa between 950 and 1049.9",
            "'SLP' || lpad((round(sea_level_pressure_hpa * 10)::int % 1000)::varchar, 3, '0')",
        ),
        _group(
            "hour_to_date_precipitation_inches is not null",
            "'P' || lpad(round(hour_to_date_precipitation_inches * 100)::int::varchar, 4, '0')",
        ),
        _group(temperatures, f"'T' || {_tenths('temperature_celsius')} || {_tenths('dew_point_celsius')}"),
    ]
    return f"concat_ws(' ', {', '.join(groups)})"


_METAR = _metar()
