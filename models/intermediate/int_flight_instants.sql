{% set causes = ['carrier', 'weather', 'nas', 'security', 'late_aircraft'] %}

with

schedules as (

    select * from {{ ref('int_flight_schedules') }}

),

-- events tell instants; where no delay is reported, the clock tells it: its showing nearest to the schedule
departures as (

    select
        *,
        case
            when told_departed_at is not null then told_departed_at
            when departure_delay_minutes is not null
                then {{ add_minutes('scheduled_departure_at', 'departure_delay_minutes') }}
            else {{ computed_once(nearest_instant_of('nearest_departure_local', 'origin', 'scheduled_departure_at')) }}
        end as left_gate_at
    from schedules

),

-- an arrival by the clock comes after the departure, and within half a day of its schedule unless it was diverted
bounds as (

    select
        *,
        case when not is_cancelled then {{ computed_once('left_gate_at') }} end as departed_at,
        case
            when is_cancelled or arrival_delay_minutes is not null or arrival_clock_minutes is null then null
            when is_diverted then coalesce(left_gate_at, scheduled_departure_at)
            else
                coalesce(
                    {{ latest_of(['left_gate_at', add_minutes('scheduled_arrival_at', -720)]) }},
                    scheduled_departure_at
                )
        end as clocked_arrival_after
    from departures

),

clocked_days as (

    select
        *,
        {{ computed_once(add_minutes(
            'cast(cast(' ~ local_time('clocked_arrival_after', 'destination') ~ ' as date) as timestamp)',
            'mod(arrival_clock_minutes, 1440)',
        )) }} as same_day_clock_local
    from bounds

),

clocked_arrivals as (

    select
        *,
        case
            when {{ last_instant_of('same_day_clock_local', 'destination') }} > clocked_arrival_after
                then {{ computed_once('same_day_clock_local') }}
            else {{ add_minutes('same_day_clock_local', 1440) }}
        end as clocked_arrival_local
    from clocked_days

),

-- an arrival before the departure is not known
arrivals as (

    select
        *,
        case
            when is_cancelled then null
            when told_arrived_at is not null
                then case when coalesce(told_arrived_at > departed_at, true) then told_arrived_at end
            when arrival_delay_minutes is null and is_diverted
                then {{ computed_once(last_instant_of('clocked_arrival_local', 'destination')) }}
            when arrival_delay_minutes is null
                then {{ nearest_instant_of(
                    'clocked_arrival_local', 'destination', 'scheduled_arrival_at', after='clocked_arrival_after'
                ) }}
            when coalesce({{ add_minutes('scheduled_arrival_at', 'arrival_delay_minutes') }} > departed_at, true)
                then {{ add_minutes('scheduled_arrival_at', 'arrival_delay_minutes') }}
        end as arrived_at
    from clocked_arrivals

),

final as (

    select
        flight_key,
        version_number,
        flight_date,
        carrier_code,
        flight_number,
        tail_number,
        origin_airport_code,
        destination_airport_code,
        origin_unplaced_reason,
        destination_unplaced_reason,
        cancellation_code,
        source,
        arrival_clock_minutes,
        coalesce(departure_delay_minutes, {{ minutes_between('scheduled_departure_at', 'left_gate_at') }})
            as departure_delay_minutes,
        case
            when arrived_at is null then null
            when arrival_delay_minutes is null and is_diverted then null
            else coalesce(arrival_delay_minutes, {{ minutes_between('scheduled_arrival_at', 'arrived_at') }})
        end as arrival_delay_minutes,
        air_time_minutes,
        distance_miles,
        {% for cause in causes %}
            case when arrived_at is not null then {{ cause }}_delay_minutes end as {{ cause }}_delay_minutes,
        {% endfor %}
        is_cancelled,
        is_diverted,
        scheduled_departure_at,
        departed_at,
        case when is_cancelled then left_gate_at end as returned_flight_left_at,
        scheduled_arrival_at,
        arrived_at,
        scheduled_departure_local,
        {{ local_time('departed_at', 'origin') }} as departed_local,
        {{ local_time('scheduled_arrival_at', 'destination') }} as scheduled_arrival_local,
        {{ local_time('arrived_at', 'destination') }} as arrived_local,
        load_number,
        superseded_load_number,
        corrected_at,
        superseded_at,
        loaded_at
    from arrivals

)

select * from final
