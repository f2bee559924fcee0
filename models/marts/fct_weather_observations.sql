{{ config(
    materialized=incremental_or_view(),
    incremental_strategy=increment_strategy(),
    partition_by='observed_month',
    on_schema_change='fail',
    pre_hook="{{ delete_dates_to_build(ref('int_weather_report_versions'), 'observed_date') }}",
) }}

{% set dates = dates_to_build(ref('int_weather_report_versions'), 'observed_date') %}

with

versions as (

    select * from {{ ref('int_weather_report_versions') }}

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
        temperature_celsius,
        dew_point_celsius,
        relative_humidity_percent,
        wind_direction_degrees,
        wind_speed_knots,
        wind_gust_knots,
        visibility_miles,
        ceiling_ft,
        sea_level_pressure_hpa,
        hour_to_date_precipitation_inches,
        load_number,

        -- dates and timestamps
        observed_date,
        observed_at,
        first_known_at,
        known_at,
        loaded_at,
        {{ month_start('observed_date') }} as observed_month
    from versions
    where
        superseded_load_number is null
        and {{ is_date_to_build('observed_date', dates) }}

)

select * from final
