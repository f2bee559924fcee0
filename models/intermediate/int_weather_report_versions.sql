{{ config(
    materialized=incremental_or_view(),
    incremental_strategy=increment_strategy(),
    partition_by='observed_month',
    on_schema_change='fail',
    pre_hook="{{ delete_dates(dates_to_build(ref('int_weather_reports'), 'observed_date', superseded=false), 'observed_date') }}",
) }}

{% set dates = dates_to_build(ref('int_weather_reports'), 'observed_date', superseded=false) %}

{% set values = [
    'present_weather', 'flight_category', 'metar_text', 'source', 'temperature_celsius', 'dew_point_celsius',
    'relative_humidity_percent', 'wind_direction_degrees', 'wind_speed_knots', 'wind_gust_knots', 'visibility_miles',
    'ceiling_ft', 'sea_level_pressure_hpa', 'hour_to_date_precipitation_inches',
] %}

with

reports as (

    select * from {{ ref('int_weather_reports') }}

),

converted as (

    select
        weather_report_key,
        airport_code,
        present_weather,
        flight_category,
        metar_text,
        source,
        {{ fahrenheit_to_celsius('temperature_fahrenheit') }} as temperature_celsius,
        {{ fahrenheit_to_celsius('dew_point_fahrenheit') }} as dew_point_celsius,
        cast(round(cast(relative_humidity_percent as decimal(9, 2)), 0) as integer) as relative_humidity_percent,
        {{ whole_number('wind_direction_degrees') }} as wind_direction_degrees,
        {{ whole_number('wind_speed_knots') }} as wind_speed_knots,
        {{ whole_number('wind_gust_knots') }} as wind_gust_knots,
        cast(visibility_miles as decimal(6, 2)) as visibility_miles,
        {{ whole_number('ceiling_ft') }} as ceiling_ft,
        cast(sea_level_pressure_hpa as decimal(6, 1)) as sea_level_pressure_hpa,
        cast(hour_to_date_precipitation_inches as decimal(7, 4)) as hour_to_date_precipitation_inches,
        observed_date,
        observed_at,
        taken_at,
        load_number,
        loaded_at,
        row_number() over (
            partition by observed_date, weather_report_key, load_number, taken_at
            order by topic_generation desc, topic_partition desc, topic_offset desc, _source_line desc
        ) as recency_in_file
    from reports
    where {{ is_date_to_build('observed_date', dates) }}

),

sequenced as (

    select
        *,
        {{ is_unchanged(values, 'in_order') }} as is_unchanged
    from converted
    where recency_in_file = 1
    window in_order as (partition by observed_date, weather_report_key order by taken_at, load_number)

),

-- a load that repeats a report as it was brings no version of it
numbered as (

    select
        *,
        row_number() over in_order as version_number,
        lead(load_number) over in_order as superseded_load_number,
        min(taken_at) over (partition by observed_date, weather_report_key) as first_taken_at,
        -- whatever the loaders' clocks showed, no two versions hold at one instant
        min(coalesce(taken_at, loaded_at)) over (
            partition by observed_date, weather_report_key
            order by taken_at, load_number
            rows between 1 following and unbounded following
        ) as superseded_at
    from sequenced
    where not is_unchanged
    window in_order as (partition by observed_date, weather_report_key order by taken_at, load_number)

),

-- a report of a file could be used some time after it was observed, one of a stream once the broker took it
usable as (

    select
        *,
        case
            when taken_at is null then {{ add_minutes('observed_at', var('weather_publication_lag_minutes')) }}
            else {{ latest_of(['observed_at', 'first_taken_at']) }}
        end as first_known_at
    from numbered

),

versions as (

    select
        weather_report_key,
        cast(version_number as integer) as version_number,
        airport_code,
        {% for value in values %}
            {{ value }},
        {% endfor %}
        observed_date,
        observed_at,
        first_known_at,
        {{ latest_of([
            'first_known_at',
            'taken_at',
            'case when version_number > 1 and taken_at is null then loaded_at end',
        ]) }} as known_at,
        superseded_at,
        load_number,
        superseded_load_number,
        loaded_at,
        {{ month_start('observed_date') }} as observed_month
    from usable

)

select * from versions
