with

schedules as (

    select * from {{ ref('int_flight_schedules') }}

),

departures as (

    select
        *,
        case when not is_cancelled then {{ add_minutes('scheduled_departure_at', 'departure_delay_minutes') }} end
            as departed_at,
        case when is_cancelled then {{ add_minutes('scheduled_departure_at', 'departure_delay_minutes') }} end
            as returned_flight_left_at,
        -- a diverted flight may show an arrival clock and no delay
        case
            when not is_cancelled and arrival_delay_minutes is null and arrival_clock_minutes is not null
                then {{ add_minutes('scheduled_departure_at', 'departure_delay_minutes') }}
        end as clocked_flight_departed_at
    from schedules

),

-- it is that clock's first showing after the departure
clocked_days as (

    select
        departures.*,
        {{ add_minutes('departures.clocked_flight_departed_at', 'at_destination.utc_offset_minutes') }}
            as clocked_flight_departed_local,
        {{ add_minutes(
            "cast(cast(" ~ add_minutes(
                'departures.clocked_flight_departed_at', 'at_destination.utc_offset_minutes'
            ) ~ " as date) as timestamp)",
            'departures.arrival_clock_minutes'
        ) }} as same_day_clock_local
    from departures
    {{ join_utc_offset(
        'at_destination', 'departures.destination_time_zone', 'departures.clocked_flight_departed_at', 'utc'
    ) }}

),

clocked_arrivals as (

    select
        *,
        case
            when same_day_clock_local > clocked_flight_departed_local then same_day_clock_local
            else {{ add_minutes('same_day_clock_local', 1440) }}
        end as clocked_arrival_local
    from clocked_days

),

arrivals as (

    select
        clocked_arrivals.*,
        case
            when clocked_arrivals.is_cancelled then null
            when clocked_arrivals.arrival_delay_minutes is not null
                then
                    {{ add_minutes(
                        'clocked_arrivals.scheduled_arrival_at', 'clocked_arrivals.arrival_delay_minutes'
                    ) }}
            else {{ add_minutes('clocked_arrivals.clocked_arrival_local', '-at_destination.utc_offset_minutes') }}
        end as arrived_at
    from clocked_arrivals
    {{ join_utc_offset(
        'at_destination', 'clocked_arrivals.destination_time_zone', 'clocked_arrivals.clocked_arrival_local', 'local'
    ) }}

)

select * from arrivals
