{% set arrival_after_elapsed = add_minutes('@', 'possible_elapsed_minutes') %}
{% set departure = add_minutes('@', 'departure_delay_minutes') %}
{% set arrival = add_minutes('@', 'arrival_delay_minutes') %}

with

clocks as (

    select * from {{ ref('int_flight_clocks') }}

),

-- an elapsed time that cannot be: none, more than a day, or faster than any airliner (12 miles a minute)
showings as (

    select
        *,
        {{ computed_once(last_instant_of('scheduled_departure_local', 'origin')) }} as last_departure_at,
        {{ minutes_since_first_showing('scheduled_departure_local', 'origin') }} as repeated_departure_minutes,
        {{ last_instant_of('same_day_arrival_local', 'destination') }} as same_day_arrival_at,
        case
            when
                scheduled_elapsed_minutes between 1 and 1440
                and coalesce(scheduled_elapsed_minutes * 12 >= distance_miles, true)
                then scheduled_elapsed_minutes
        end as possible_elapsed_minutes
    from clocks

),

-- a departure that the clock shows twice is the one that the schedule's other columns fit, or else what happened
departures as (

    select
        *,
        {{ computed_once(showing_that_fits('last_departure_at', 'repeated_departure_minutes', [
            minute_of_day(local_time(arrival_after_elapsed, 'destination')) ~ ' = mod(scheduled_arrival_clock_minutes, 1440)',
            minute_of_day(local_time(departure, 'origin')) ~ ' = mod(departure_clock_minutes, 1440)',
            minutes_between('@', 'same_day_arrival_at') ~ ' - air_time_minutes between 0 and 59',
            '@ < same_day_arrival_at',
        ])) }} as scheduled_departure_at
    from showings

),

-- the local day of arrival is the one that makes the flight take between nothing and a day
arrival_days as (

    select
        *,
        case
            when same_day_arrival_at <= {{ add_minutes('scheduled_departure_at', -1440) }}
                then {{ computed_once(add_minutes('same_day_arrival_local', 2880)) }}
            when same_day_arrival_at <= scheduled_departure_at
                then {{ add_minutes('same_day_arrival_local', 1440) }}
            when same_day_arrival_at > {{ add_minutes('scheduled_departure_at', 1440) }}
                then {{ add_minutes('same_day_arrival_local', -1440) }}
            else same_day_arrival_local
        end as clock_arrival_local
    from departures

),

arrival_showings as (

    select
        *,
        {{ computed_once(last_instant_of('clock_arrival_local', 'destination')) }} as last_arrival_at,
        {{ minutes_since_first_showing('clock_arrival_local', 'destination') }} as repeated_arrival_minutes
    from arrival_days

),

-- the scheduled elapsed time settles the arrival where it is reported
final as (

    select
        *,
        {{ add_minutes(
            'scheduled_departure_local', dial_minutes('scheduled_departure_clock_minutes', 'departure_clock_minutes')
        ) }} as nearest_departure_local,
        coalesce(
            {{ computed_once(add_minutes('scheduled_departure_at', 'possible_elapsed_minutes')) }},
            {{ showing_that_fits('last_arrival_at', 'repeated_arrival_minutes', [
                '@ > scheduled_departure_at and @ <= ' ~ add_minutes('scheduled_departure_at', 1440),
                minute_of_day(local_time(arrival, 'destination')) ~ ' = mod(arrival_clock_minutes, 1440)',
                minutes_between('scheduled_departure_at', '@') ~ ' - air_time_minutes between 0 and 59',
            ]) }}
        ) as scheduled_arrival_at
    from arrival_showings

)

select * from final
