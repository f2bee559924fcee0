{{ config(
    materialized=incremental_or_view(),
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    pre_hook="{{ delete_flight_dates_to_build(ref('int_flight_movements')) }}",
) }}

{% set dates = flight_dates_to_build(ref('int_flight_movements')) %}

with

events as (

    select *
    from {{ ref('int_flight_events') }}
    where {{ is_date_to_build('flight_date', dates) }}

),

final as (

    select
        -- keys
        {{ hash_key(['flight_key', 'event_type', 'version_number']) }} as flight_event_key,
        flight_key,
        carrier_code,
        tail_number,
        origin_airport_code,
        destination_airport_code,

        -- strings
        event_type,

        -- numbers
        version_number,
        cast(departure_delay_minutes as integer) as departure_delay_minutes,
        cast(arrival_delay_minutes as integer) as arrival_delay_minutes,
        cast(air_time_minutes as integer) as air_time_minutes,
        load_number,
        superseded_load_number,

        -- booleans
        departure_delay_minutes >= 15 as is_departure_delayed_15,
        arrival_delay_minutes >= 15 as is_arrival_delayed_15,

        -- dates and timestamps
        flight_date,
        scheduled_departure_at,
        occurred_at,
        {{ latest_of(['occurred_at', 'corrected_at']) }} as known_at,
        superseded_at,
        loaded_at,
        {{ month_start('flight_date') }} as flight_month
    from events

)

select * from final
{{ stored_in_order_of('occurred_at') }}
