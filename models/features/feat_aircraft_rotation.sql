{{ config(
    materialized='incremental',
    incremental_strategy=increment_strategy(),
    partition_by='known_month',
    on_schema_change='fail',
    pre_hook="{{ delete_from_instant(ref('fct_flight_events'), window_minutes('28d'), flights=ref('fct_flight_events')) }}",
) }}

{% set build_from = instant_to_build_from(ref('fct_flight_events'), window_minutes('28d'), flights=ref('fct_flight_events')) %}
{% set kinds = {'departure': 'departed', 'arrival': 'arrived'} %}
{% set rank_order = 'occurred_at, known_at, flight_key, version_number' %}

with

bounded as (

    select
        *,
        coalesce(departure_delay_minutes, arrival_delay_minutes) as delay_minutes,
        {{ window_end('24h') }} as end_24h,
        {{ window_end('28d') }} as end_28d
    from {{ ref('fct_flight_events') }}
    where
        event_type in ('departure', 'arrival')
        and tail_number is not null
        and {{ counts_from('occurred_at', build_from, window_minutes('28d')) }}

),

movements as (

    select
        *,
        row_number() over ({{ in_entity_order(['tail_number'], rank_order) }}) as movement_rank
    from bounded
    where known_at < end_28d

),

{{ standing_movements('movements', kinds) }},

states as (

    select
        standing.tail_number,
        cast(standing.leg_count as integer) as legs_24h,
        {% for kind, done in kinds.items() %}
            {{ kind }}s.delay_minutes as last_{{ kind }}_delay_minutes,
            {{ kind }}s.occurred_at as last_{{ done }}_at,
        {% endfor %}
        standing.known_at
    from standing
    {% for kind in kinds %}
        left join movements as {{ kind }}s
            on
                standing.tail_number = {{ kind }}s.tail_number
                and standing.{{ kind }}_rank = {{ kind }}s.movement_rank
                and standing.known_at < {{ kind }}s.end_28d
    {% endfor %}

),

compared as (

    select
        *,
        {% for kind, done in kinds.items() %}
            lag(last_{{ kind }}_delay_minutes) over in_order as earlier_{{ kind }}_delay_minutes,
            lag(last_{{ done }}_at) over in_order as earlier_{{ done }}_at,
        {% endfor %}
        coalesce(lag(legs_24h) over in_order, 0) as earlier_legs_24h
    from states
    window in_order as (partition by tail_number order by known_at)

)

select
    tail_number,
    legs_24h,
    last_departure_delay_minutes,
    last_arrival_delay_minutes,
    last_departed_at,
    last_arrived_at,
    known_at,
    {{ month_start('known_at') }} as known_month
from compared
where
    {{ is_at_or_after('known_at', build_from) }}
    and (
        legs_24h <> earlier_legs_24h
        {% for kind, done in kinds.items() %}
            or last_{{ kind }}_delay_minutes is distinct from earlier_{{ kind }}_delay_minutes
            or last_{{ done }}_at is distinct from earlier_{{ done }}_at
        {% endfor %}
    )
{{ stored_in_order_of('known_at') }}
