{{ config(
    materialized='incremental',
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
        instants.flight_key,
        instants.carrier_code,
        instants.flight_number,
        instants.tail_number,
        instants.origin_airport_code,
        instants.destination_airport_code,

        -- strings
        instants.cancellation_code,
        instants.source,

        -- numbers
        cast(instants.version_number as integer) as version_number,
        instants.departure_delay_minutes,
        instants.arrival_delay_minutes,
        instants.air_time_minutes,
        instants.distance_miles,
        instants.carrier_delay_minutes,
        instants.weather_delay_minutes,
        instants.nas_delay_minutes,
        instants.security_delay_minutes,
        instants.late_aircraft_delay_minutes,
        instants.load_number,
        instants.superseded_load_number,

        -- booleans
        instants.is_cancelled,
        instants.is_diverted,

        -- dates and timestamps
        instants.flight_date,
        instants.scheduled_departure_at,
        instants.departed_at,
        instants.returned_flight_left_at,
        instants.scheduled_arrival_at,
        instants.arrived_at,
        instants.scheduled_departure_local,
        {{ add_minutes('instants.departed_at', 'at_departure.utc_offset_minutes') }} as departed_local,
        {{ add_minutes('instants.scheduled_arrival_at', 'at_scheduled_arrival.utc_offset_minutes') }}
            as scheduled_arrival_local,
        {{ add_minutes('instants.arrived_at', 'at_arrival.utc_offset_minutes') }} as arrived_local,
        instants.corrected_at,
        instants.superseded_at,
        instants.loaded_at,
        {{ month_start('instants.flight_date') }} as flight_month
    from instants
    {{ join_utc_offset('at_departure', 'instants.origin_time_zone', 'instants.departed_at', 'utc') }}
    {{ join_utc_offset(
        'at_scheduled_arrival', 'instants.destination_time_zone', 'instants.scheduled_arrival_at', 'utc'
    ) }}
    {{ join_utc_offset('at_arrival', 'instants.destination_time_zone', 'instants.arrived_at', 'utc') }}

)

select * from final
