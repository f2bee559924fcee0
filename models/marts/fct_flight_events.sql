{{ config(
    materialized='incremental',
    incremental_strategy=incremental_strategy('delete+insert'),
    partition_by='flight_month',
    unique_key='flight_date',
    on_schema_change='fail',
    post_hook='{{ remember_exclusions() }}',
) }}

{% set dates = dates_to_build(ref('int_flight_records'), 'flight_date') %}

with

movements as (

    select *
    from {{ ref('int_flight_movements') }}
    where {{ is_date_to_build('flight_date', dates) }}

),

-- a version that another one of the same load replaces was never in force
in_force as (

    select *
    from movements
    where
        superseded_at is null
        or superseded_at > loaded_at

),

departures as (

    select
        in_force.*,
        'departure' as event_type,
        departed_at as occurred_at
    from in_force
    where departed_at is not null

),

-- no source says when a flight was cancelled: at the latest when it should have left, or had left and came back
cancellations as (

    select
        in_force.*,
        'cancellation' as event_type,
        {{ latest_of(['scheduled_departure_at', 'returned_flight_left_at']) }} as occurred_at
    from in_force
    where is_cancelled

),

arrivals as (

    select
        in_force.*,
        'arrival' as event_type,
        arrived_at as occurred_at
    from in_force
    where arrived_at is not null

),

events as (

    select * from departures

    union all

    select * from cancellations

    union all

    select * from arrivals

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
        cast(version_number as integer) as version_number,
        cast(case when event_type = 'departure' then departure_delay_minutes end as integer)
            as departure_delay_minutes,
        cast(case when event_type = 'arrival' then arrival_delay_minutes end as integer) as arrival_delay_minutes,
        cast(case when event_type = 'arrival' then air_time_minutes end as integer) as air_time_minutes,

        -- booleans
        case when event_type = 'departure' then departure_delay_minutes >= 15 end as is_departure_delayed_15,
        case when event_type = 'arrival' then arrival_delay_minutes >= 15 end as is_arrival_delayed_15,

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
