{{ config(
    materialized=incremental_or_view(),
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    pre_hook="{{ delete_flight_dates_to_build(ref('int_flight_movements')) }}",
) }}

{% set dates = flight_dates_to_build(ref('int_flight_movements')) %}

with

flights as (

    select * from {{ ref('int_flights') }}

),

final as (

    select
        -- keys
        flight_key,
        carrier_code,
        cast(flight_number as integer) as flight_number,
        tail_number,
        origin_airport_code,
        destination_airport_code,

        -- strings
        cancellation_code,
        source,

        -- numbers
        cast(departure_delay_minutes as integer) as departure_delay_minutes,
        cast(arrival_delay_minutes as integer) as arrival_delay_minutes,
        cast(air_time_minutes as integer) as air_time_minutes,
        cast(distance_miles as integer) as distance_miles,
        cast(carrier_delay_minutes as integer) as carrier_delay_minutes,
        cast(weather_delay_minutes as integer) as weather_delay_minutes,
        cast(nas_delay_minutes as integer) as nas_delay_minutes,
        cast(security_delay_minutes as integer) as security_delay_minutes,
        cast(late_aircraft_delay_minutes as integer) as late_aircraft_delay_minutes,
        load_number,

        -- booleans
        is_cancelled,
        is_diverted,
        departure_delay_minutes >= 15 as is_departure_delayed_15,
        arrival_delay_minutes >= 15 as is_arrival_delayed_15,

        -- dates and timestamps
        flight_date,
        scheduled_departure_at,
        departed_at,
        scheduled_arrival_at,
        arrived_at,
        scheduled_departure_local,
        departed_local,
        scheduled_arrival_local,
        arrived_local,
        known_at,
        loaded_at,
        {{ month_start('flight_date') }} as flight_month
    from flights
    where {{ is_date_to_build('flight_date', dates) }}

)

select * from final
