with

movements as (

    select * from {{ ref('int_flight_movements') }}

),

-- what stands, and can be put on the clock
final as (

    select
        flight_key,
        flight_date,
        carrier_code,
        flight_number,
        tail_number,
        origin_airport_code,
        destination_airport_code,
        scheduled_departure_at,
        departed_at,
        scheduled_arrival_at,
        arrived_at,
        scheduled_departure_local,
        departed_local,
        scheduled_arrival_local,
        arrived_local,
        case when departed_at is not null then departure_delay_minutes end as departure_delay_minutes,
        case when arrived_at is not null then arrival_delay_minutes end as arrival_delay_minutes,
        is_cancelled,
        is_diverted,
        cancellation_code,
        air_time_minutes,
        distance_miles,
        carrier_delay_minutes,
        weather_delay_minutes,
        nas_delay_minutes,
        security_delay_minutes,
        late_aircraft_delay_minutes,
        source,
        -- all of the row can be known once its last event has happened and its last correction has come
        {{ latest_of([
            'scheduled_departure_at',
            'departed_at',
            'returned_flight_left_at',
            'arrived_at',
            'case when is_diverted and arrived_at is null then scheduled_arrival_at end',
            'corrected_at',
        ]) }} as known_at,
        load_number,
        loaded_at
    from movements
    where
        superseded_load_number is null
        and origin_unplaced_reason is null
        and destination_unplaced_reason is null

)

select * from final
