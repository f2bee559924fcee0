with

movements as (

    select * from {{ ref('int_flight_movements') }}

),

newest as (

    select *
    from movements
    where is_newest_version

),

final as (

    select
        newest.flight_key,
        newest.flight_date,
        newest.carrier_code,
        newest.flight_number,
        newest.tail_number,
        newest.origin_airport_code,
        newest.destination_airport_code,
        newest.scheduled_departure_at,
        newest.departed_at,
        newest.scheduled_arrival_at,
        newest.arrived_at,
        newest.scheduled_departure_local,
        {{ add_minutes('newest.departed_at', 'at_departure.utc_offset_minutes') }} as departed_local,
        {{ add_minutes('newest.scheduled_arrival_at', 'at_scheduled_arrival.utc_offset_minutes') }}
            as scheduled_arrival_local,
        {{ add_minutes('newest.arrived_at', 'at_arrival.utc_offset_minutes') }} as arrived_local,
        case when newest.departed_at is not null then newest.departure_delay_minutes end as departure_delay_minutes,
        case when newest.arrived_at is not null then newest.arrival_delay_minutes end as arrival_delay_minutes,
        newest.is_cancelled,
        newest.is_diverted,
        newest.cancellation_code,
        newest.air_time_minutes,
        newest.distance_miles,
        newest.carrier_delay_minutes,
        newest.weather_delay_minutes,
        newest.nas_delay_minutes,
        newest.security_delay_minutes,
        newest.late_aircraft_delay_minutes,
        newest.source,
        -- all of the row can be known once its last event has happened and its last correction has come
        {{ latest_of([
            'newest.scheduled_departure_at',
            'newest.departed_at',
            'newest.returned_flight_left_at',
            'newest.arrived_at',
            'case when newest.is_diverted and newest.arrived_at is null then newest.scheduled_arrival_at end',
            'newest.corrected_at',
        ]) }} as known_at,
        newest.loaded_at
    from newest
    {{ join_utc_offset('at_departure', 'newest.origin_time_zone', 'newest.departed_at', 'utc') }}
    {{ join_utc_offset(
        'at_scheduled_arrival', 'newest.destination_time_zone', 'newest.scheduled_arrival_at', 'utc'
    ) }}
    {{ join_utc_offset('at_arrival', 'newest.destination_time_zone', 'newest.arrived_at', 'utc') }}

)

select * from final
