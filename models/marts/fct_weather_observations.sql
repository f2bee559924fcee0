{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='observed_date',
    on_schema_change='fail',
) }}

{% set dates = dates_to_build(ref('int_weather_reports'), 'observed_date') %}

with

reports as (

    select * from {{ ref('int_weather_reports') }}

),

final as (

    select
        -- keys
        weather_report_key,
        airport_code,

        -- strings
        present_weather,
        flight_category,
        metar_text,
        source,

        -- numbers
        {{ fahrenheit_to_celsius('temperature_fahrenheit') }} as temperature_celsius,
        {{ fahrenheit_to_celsius('dew_point_fahrenheit') }} as dew_point_celsius,
        cast(round(cast(relative_humidity_percent as decimal(9, 2)), 0) as integer) as relative_humidity_percent,
        cast(wind_direction_degrees as integer) as wind_direction_degrees,
        cast(wind_speed_knots as integer) as wind_speed_knots,
        cast(wind_gust_knots as integer) as wind_gust_knots,
        cast(visibility_miles as decimal(6, 2)) as visibility_miles,
        cast(ceiling_ft as integer) as ceiling_ft,
        cast(sea_level_pressure_hpa as decimal(6, 1)) as sea_level_pressure_hpa,
        cast(hour_to_date_precipitation_inches as decimal(7, 4)) as hour_to_date_precipitation_inches,

        -- dates and timestamps
        observed_date,
        observed_at,
        known_at,
        loaded_at
    from reports
    where {{ is_date_to_build('observed_date', dates) }}

)

select * from final
