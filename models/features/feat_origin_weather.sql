{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_from('known_at', weather_rebuild_instant(ref('fct_weather_observations'))) }}",
    post_hook='{{ remember_exclusions() }}',
) }}

{% set rebuild_from = weather_rebuild_instant(ref('fct_weather_observations')) %}
{% set in_order %}
    partition by airport_code order by known_at, observed_at rows between unbounded preceding and 1 preceding
{% endset %}
{% set three_hours_before %}
    partition by airport_code order by {{ epoch_seconds('observed_at') }} range between 14399 preceding and 10800 preceding
{% endset %}

with

-- what becomes known a day late is no report in force
reports as (

    select *
    from {{ ref('fct_weather_observations') }}
    where
        known_at < {{ add_minutes('observed_at', 1440) }}
        and {{ can_reach('observed_at', rebuild_from, 1440 + 240) }}

),

sequenced as (

    select
        *,
        max(observed_at) over ({{ in_order }}) as newest_observed_at,
        lead(known_at) over (partition by airport_code order by known_at, observed_at) as next_known_at
    from reports

),

-- of reports that become known together the newest counts, and none counts once a newer one is known
in_force as (

    select *
    from sequenced
    where
        (newest_observed_at is null or observed_at > newest_observed_at)
        and (next_known_at is null or next_known_at > known_at)

),

compared as (

    select
        *,
        last_value(sea_level_pressure_hpa) over ({{ three_hours_before }}) as earlier_pressure_hpa,
        last_value(temperature_celsius) over ({{ three_hours_before }}) as earlier_temperature_celsius
    from in_force

),

final as (

    select
        -- keys
        airport_code as origin_airport_code,

        -- strings
        flight_category,

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
        cast(sea_level_pressure_hpa - earlier_pressure_hpa as decimal(6, 1)) as pressure_change_hpa_3h,
        cast(temperature_celsius - earlier_temperature_celsius as decimal(5, 1)) as temperature_change_celsius_3h,

        -- timestamps
        observed_at,
        known_at,
        loaded_at
    from compared
    where {{ is_at_or_after('known_at', rebuild_from) }}

)

select * from final
order by known_at
