{% set values = [
    'occurred_at', 'scheduled_departure_at', 'tail_number', 'departure_delay_minutes', 'arrival_delay_minutes',
    'air_time_minutes',
] %}
{% set columns = [
    'flight_key', 'flight_date', 'carrier_code', 'origin_airport_code', 'destination_airport_code', 'event_type',
    'version_number', 'corrected_at', 'load_number', 'loaded_at',
] + values %}

with

movements as (

    select *
    from {{ ref('int_flight_movements') }}
    where
        origin_unplaced_reason is null
        and destination_unplaced_reason is null

),

-- no source says when a flight was cancelled: at the latest when it should have left, or had left and came back
events as (

    {% for event_type, occurred_at, condition in [
        ('departure', 'departed_at', 'departed_at is not null'),
        ('cancellation', latest_of(['scheduled_departure_at', 'returned_flight_left_at']), 'is_cancelled'),
        ('arrival', 'arrived_at', 'arrived_at is not null'),
    ] %}
        select
            flight_key,
            flight_date,
            carrier_code,
            tail_number,
            origin_airport_code,
            destination_airport_code,
            '{{ event_type }}' as event_type,
            version_number,
            {{ '' if event_type == 'departure' else 'cast(null as integer) as ' }}departure_delay_minutes,
            {% for column in ('arrival_delay_minutes', 'air_time_minutes') %}
                {{ column if event_type == 'arrival' else 'cast(null as integer) as ' ~ column }},
            {% endfor %}
            scheduled_departure_at,
            {{ occurred_at }} as occurred_at,
            corrected_at,
            superseded_at,
            load_number,
            superseded_load_number,
            loaded_at
        from movements
        where {{ condition }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- a correction of something else is none of this event
compared as (

    select
        *,
        case
            when
                {{ is_unchanged(values, 'in_order') | indent(12) }}
                and lag(superseded_load_number) over in_order = load_number
                and lag(version_number) over in_order = version_number - 1
                then 0
            else 1
        end as is_change
    from events
    where
        version_number > 1
        or superseded_load_number is not null
    window in_order as (partition by flight_date, flight_key, event_type order by version_number)

),

numbered as (

    select
        *,
        sum(is_change) over (
            partition by flight_date, flight_key, event_type
            order by version_number
            rows between unbounded preceding and current row
        ) as change_number
    from compared

),

ended as (

    select
        *,
        last_value(superseded_at) over in_change as last_superseded_at,
        last_value(superseded_load_number) over in_change as last_superseded_load_number
    from numbered
    window in_change as (
        partition by flight_date, flight_key, event_type, change_number
        order by version_number
        rows between unbounded preceding and unbounded following
    )

),

final as (

    select
        {{ columns | join(',\n        ') }},
        superseded_at,
        superseded_load_number
    from events
    where
        version_number = 1
        and superseded_load_number is null

    union all

    select
        {{ columns | join(',\n        ') }},
        last_superseded_at as superseded_at,
        last_superseded_load_number as superseded_load_number
    from ended
    where is_change = 1

)

select * from final
