with

events as (

    select * from {{ ref('stg_events__flight_events') }}

),

-- who flies a flight is one of its events, and that an excluded aircraft does, too: the flight is hidden from then on
displayable as (

    select
        events.*,
        excluded.registration is not null as is_hidden
    from events
    {{ join_excluded_aircraft('excluded', 'events.tail_number') }}

),

-- a record tells of its own kind alone: what others told stands beside it in the flight's versions
conformed as (

    select
        'events' as source,
        2 as source_rank,
        event_type,
        flight_date,
        carrier_code,
        flight_number,
        case when not is_hidden then tail_number end as tail_number,
        origin_airport_code,
        destination_airport_code,
        {{ clock_minutes('scheduled_departure_clock') }} as scheduled_departure_clock_minutes,
        cast(null as integer) as departure_clock_minutes,
        {{ clock_minutes('scheduled_arrival_clock') }} as scheduled_arrival_clock_minutes,
        cast(null as integer) as arrival_clock_minutes,
        scheduled_elapsed_minutes,
        cast(null as integer) as departure_delay_minutes,
        case when not is_withdrawn then arrival_delay_minutes end as arrival_delay_minutes,
        event_type = 'cancelled' and not is_withdrawn as is_cancelled,
        event_type = 'diverted' and not is_withdrawn as is_diverted,
        case when not is_withdrawn then cancellation_code end as cancellation_code,
        case when not is_withdrawn then air_time_minutes end as air_time_minutes,
        distance_miles,
        {% for cause in ('carrier', 'weather', 'nas', 'security', 'late_aircraft') -%}
            case when not is_withdrawn then {{ cause }}_delay_minutes end as {{ cause }}_delay_minutes,
        {% endfor -%}
        case when event_type = 'departed' and not is_withdrawn then occurred_at end as told_departed_at,
        case when event_type = 'arrived' and not is_withdrawn then occurred_at end as told_arrived_at,
        is_hidden,
        taken_at,
        topic_generation,
        topic_partition,
        topic_offset,
        load_number,
        loaded_at,
        _source_line
    from displayable

)

select * from conformed
