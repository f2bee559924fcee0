with

flights as (

    select * from {{ ref('stg_bts__flights') }}

),

-- a clock stands in for a delay that is not reported, not for one that cannot be: which is wrong is not known
clocked as (

    select
        *,
        {{ clock_minutes('scheduled_departure_clock') }} as scheduled_departure_clock_minutes,
        {{ clock_minutes(
            "case when coalesce(implausible_values, '') not like '%departure_delay%' then departure_clock end"
        ) }} as departure_clock_minutes,
        {{ clock_minutes('scheduled_arrival_clock') }} as scheduled_arrival_clock_minutes,
        {{ clock_minutes(
            "case when coalesce(implausible_values, '') not like '%arrival_delay%' then arrival_clock end"
        ) }} as arrival_clock_minutes
    from flights

),

conformed as (

    select
        'bts' as source,
        1 as source_rank,
        cast(null as {{ dbt.type_string() }}) as event_type,
        flight_date,
        carrier_code,
        flight_number,
        tail_number,
        origin_airport_code,
        destination_airport_code,
        scheduled_departure_clock_minutes,
        departure_clock_minutes,
        coalesce(
            scheduled_arrival_clock_minutes,
            case
                when not coalesce(is_diverted, false)
                    then mod(arrival_clock_minutes - arrival_delay_minutes + 14400, 1440)
            end
        ) as scheduled_arrival_clock_minutes,
        arrival_clock_minutes,
        scheduled_elapsed_minutes,
        -- of a delay floored at 0 the clocks tell how early it was
        coalesce(departure_delay_minutes, nullif(departure_delay_floored_minutes, 0)) as departure_delay_minutes,
        coalesce(
            arrival_delay_minutes,
            nullif(arrival_delay_floored_minutes, 0),
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
        {{ columns_of_events_alone() }},
        load_number,
        loaded_at,
        _source_line
    from clocked

)

select * from conformed
