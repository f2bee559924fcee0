with

flights as (

    select * from {{ ref('stg_bts__flights') }}

),

clocked as (

    select
        *,
        {{ clock_minutes('scheduled_departure_clock') }} as scheduled_departure_clock_minutes,
        {{ clock_minutes('departure_clock') }} as departure_clock_minutes,
        {{ clock_minutes('scheduled_arrival_clock') }} as scheduled_arrival_clock_minutes,
        {{ clock_minutes('arrival_clock') }} as arrival_clock_minutes
    from flights

),

conformed as (

    select
        'bts' as source,
        1 as source_rank,
        flight_date,
        carrier_code,
        flight_number,
        tail_number,
        origin_airport_code,
        destination_airport_code,
        scheduled_departure_clock_minutes,
        scheduled_arrival_clock_minutes,
        arrival_clock_minutes,
        scheduled_elapsed_minutes,
        {{ signed_delay(
            'departure_delay_minutes', 'departure_delay_floored_minutes',
            'scheduled_departure_clock_minutes', 'departure_clock_minutes') }} as departure_delay_minutes,
        coalesce(
            {{ signed_delay(
                'arrival_delay_minutes', 'arrival_delay_floored_minutes',
                'scheduled_arrival_clock_minutes', 'arrival_clock_minutes') }},
            case when is_diverted then diverted_arrival_delay_minutes end
        ) as arrival_delay_minutes,
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
        load_number,
        loaded_at,
        _source_line
    from clocked

)

select * from conformed
