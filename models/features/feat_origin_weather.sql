{{ config(
    materialized=incremental_or_view(),
    incremental_strategy=increment_strategy(),
    partition_by='known_month',
    on_schema_change='fail',
    pre_hook="{{ delete_from_instant(weather_changes(ref('int_weather_report_versions')), 2 * 1440) }}",
) }}

{% set build_from = instant_to_build_from(weather_changes(ref('int_weather_report_versions')), 2 * 1440) %}
{% set in_order %}
    partition by airport_code order by known_at, observed_at rows between unbounded preceding and 1 preceding
{% endset %}
{% set three_hours_before %}
    partition by airport_code order by {{ epoch_seconds('observed_at') }} range between 14399 preceding and 10800 preceding
{% endset %}

with

-- what becomes known a day late is no report in force, nor what was corrected before it was known
reports as (

    select *
    from {{ counted(ref('int_weather_report_versions')) }}
    where
        known_at < {{ add_minutes('observed_at', 1440) }}
        and (superseded_at is null or superseded_at > known_at)
        and {{ counts_from('observed_at', build_from, 1440 + 240) }}

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
        (newest_observed_at is null or observed_at >= newest_observed_at)
        and (next_known_at is null or next_known_at > known_at)

),

-- the newest version in which a report was in force before the next report was
last_in_force as (

    select *
    from (
        select
            *,
            row_number() over (partition by airport_code, observed_at order by known_at desc) as recency
        from in_force
    ) as ranked
    where recency = 1

),

compared as (

    select
        airport_code,
        observed_at,
        last_value(sea_level_pressure_hpa) over ({{ three_hours_before }}) as earlier_pressure_hpa,
        last_value(temperature_celsius) over ({{ three_hours_before }}) as earlier_temperature_celsius
    from last_in_force

),

final as (

    select
        -- keys
        in_force.airport_code as origin_airport_code,

        -- strings
        in_force.flight_category,

        -- numbers
        in_force.temperature_celsius,
        in_force.dew_point_celsius,
        in_force.relative_humidity_percent,
        in_force.wind_direction_degrees,
        in_force.wind_speed_knots,
        in_force.wind_gust_knots,
        in_force.visibility_miles,
        in_force.ceiling_ft,
        in_force.sea_level_pressure_hpa,
        in_force.hour_to_date_precipitation_inches,
        cast(in_force.sea_level_pressure_hpa - compared.earlier_pressure_hpa as decimal(6, 1))
            as pressure_change_hpa_3h,
        cast(in_force.temperature_celsius - compared.earlier_temperature_celsius as decimal(5, 1))
            as temperature_change_celsius_3h,

        -- timestamps
        in_force.observed_at,
        in_force.known_at,
        {{ month_start('in_force.known_at') }} as known_month
    from in_force
    inner join compared
        on
            in_force.airport_code = compared.airport_code
            and in_force.observed_at = compared.observed_at
    where {{ is_at_or_after('in_force.known_at', build_from) }}

)

select * from final
{{ stored_in_order_of('known_at') }}
