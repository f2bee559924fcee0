{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_from('known_at', rebuild_instant(ref('fct_flight_events'), window_minutes('28d'))) }}",
    post_hook='{{ remember_exclusions() }}',
) }}

{% set rebuild_from = rebuild_instant(ref('fct_flight_events'), window_minutes('28d')) %}
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
        and {{ can_reach('occurred_at', rebuild_from, window_minutes('28d')) }}

),

movements as (

    select
        *,
        row_number() over ({{ in_entity_order(['tail_number'], rank_order) }}) as movement_rank
    from bounded
    where known_at < end_28d

),

steps as (

    select
        tail_number,
        known_at,
        case when event_type = 'departure' then movement_rank end as departure_rank,
        case when event_type = 'arrival' then movement_rank end as arrival_rank,
        case when event_type = 'departure' and known_at < end_24h then 1 else 0 end as leg_count,
        loaded_at
    from movements

    union all

    select
        tail_number,
        end_24h as known_at,
        null as departure_rank,
        null as arrival_rank,
        -1 as leg_count,
        case when end_24h = superseded_at then superseded_at else loaded_at end as loaded_at
    from movements
    where
        event_type = 'departure'
        and known_at < end_24h

    union all

    select
        tail_number,
        end_28d as known_at,
        null as departure_rank,
        null as arrival_rank,
        0 as leg_count,
        case when end_28d = superseded_at then superseded_at else loaded_at end as loaded_at
    from movements

),

instants as (

    select
        tail_number,
        known_at,
        max(departure_rank) as departure_rank,
        max(arrival_rank) as arrival_rank,
        sum(leg_count) as leg_count,
        max(loaded_at) as loaded_at
    from steps
    group by 1, 2

),

newest as (

    select
        tail_number,
        known_at,
        max(departure_rank) over in_order as departure_rank,
        max(arrival_rank) over in_order as arrival_rank,
        sum(leg_count) over in_order as leg_count,
        loaded_at
    from instants
    window in_order as (
        {{ in_entity_order(['tail_number'], 'known_at') }} rows between unbounded preceding and current row
    )

),

-- where the newest movement was corrected away, the newest of those that still hold takes its place
withdrawn as (

    {% for kind in kinds %}
        select
            newest.tail_number,
            newest.known_at,
            '{{ kind }}' as event_type
        from newest
        inner join movements
            on
                newest.tail_number = movements.tail_number
                and newest.{{ kind }}_rank = movements.movement_rank
        where
            movements.superseded_at <= newest.known_at
            and newest.known_at < {{ add_minutes('movements.occurred_at', window_minutes('28d')) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

remaining as (

    select
        withdrawn.tail_number,
        withdrawn.known_at,
        withdrawn.event_type,
        max(movements.movement_rank) as movement_rank
    from withdrawn
    left join movements
        on
            withdrawn.tail_number = movements.tail_number
            and withdrawn.event_type = movements.event_type
            and withdrawn.known_at >= movements.known_at
            and withdrawn.known_at < movements.end_28d
    group by 1, 2, 3

),

standing as (

    select
        newest.tail_number,
        newest.known_at,
        newest.leg_count,
        newest.loaded_at
        {% for kind in kinds %},
            case when {{ kind }}s.tail_number is null then newest.{{ kind }}_rank else {{ kind }}s.movement_rank end
                as {{ kind }}_rank
        {% endfor %}
    from newest
    {% for kind in kinds %}
        left join remaining as {{ kind }}s
            on
                newest.tail_number = {{ kind }}s.tail_number
                and newest.known_at = {{ kind }}s.known_at
                and {{ kind }}s.event_type = '{{ kind }}'
    {% endfor %}

),

states as (

    select
        standing.tail_number,
        cast(standing.leg_count as integer) as legs_24h,
        {% for kind, done in kinds.items() %}
            {{ kind }}s.delay_minutes as last_{{ kind }}_delay_minutes,
            {{ kind }}s.occurred_at as last_{{ done }}_at,
        {% endfor %}
        standing.known_at,
        standing.loaded_at
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
        coalesce(lag(legs_24h) over in_order, 0) as earlier_legs_24h
        {% for kind, done in kinds.items() %},
            lag(last_{{ kind }}_delay_minutes) over in_order as earlier_{{ kind }}_delay_minutes,
            lag(last_{{ done }}_at) over in_order as earlier_{{ done }}_at
        {% endfor %}
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
    loaded_at
from compared
where
    {{ is_at_or_after('known_at', rebuild_from) }}
    and (
        legs_24h <> earlier_legs_24h
        {% for kind, done in kinds.items() %}
            or last_{{ kind }}_delay_minutes is distinct from earlier_{{ kind }}_delay_minutes
            or last_{{ done }}_at is distinct from earlier_{{ done }}_at
        {% endfor %}
    )
order by known_at
