{{ config(
    materialized=incremental_or_view(),
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    pre_hook="{{ delete_flight_dates_to_build(ref('int_flight_records'), ref('int_flight_month_files')) }}",
) }}

{% set dates = flight_dates_to_build(ref('int_flight_records'), ref('int_flight_month_files')) %}

with

instants as (

    select *
    from {{ ref('int_flight_instants') }}
    where {{ is_date_to_build('flight_date', dates) }}

),

final as (

    select
        -- ids
        flight_key,
        carrier_code,
        flight_number,
        tail_number,
        origin_airport_code,
        destination_airport_code,

        -- strings
        origin_unplaced_reason,
        destination_unplaced_reason,
        cancellation_code,
        source,

        -- numbers
        cast(version_number as integer) as version_number,
        arrival_clock_minutes,
        departure_delay_minutes,
        arrival_delay_minutes,
        air_time_minutes,
        distance_miles,
        carrier_delay_minutes,
        weather_delay_minutes,
        nas_delay_minutes,
        security_delay_minutes,
        late_aircraft_delay_minutes,
        load_number,
        superseded_load_number,

        -- booleans
        is_cancelled,
        is_diverted,

        -- dates and timestamps
        flight_date,
        scheduled_departure_at,
        departed_at,
        returned_flight_left_at,
        scheduled_arrival_at,
        arrived_at,
        scheduled_departure_local,
        departed_local,
        scheduled_arrival_local,
        arrived_local,
        corrected_at,
        superseded_at,
        loaded_at,
        {{ month_start('flight_date') }} as flight_month
    from instants

)

select * from final
