{# What is known of the last movements of each aircraft as a step function: one row per aircraft and instant at which a value
   changes, exact until the next row. The last departure and arrival are those that occurred last, of the movements of the
   last 28 days that stand; legs are departures of the last 24 hours. The window of length w at an instant T is (T - w, T].

   facts: relation or CTE, one row per version of a movement: `flight_key`, `version_number`, `event_type`, `tail_number`
     (movements without one belong to no aircraft), the delay in the column of its type, `occurred_at`, `known_at` and
     `superseded_at` (from when the version holds no more, else null). A version counts in a window of length w during
     [known_at, least(occurred_at + w, superseded_at)), and nowhere where that is empty.
   build_from: instant that instant_to_build_from found; only rows from then on come out. #}
{% macro aircraft_rotation(facts, build_from=none) -%}
{%- set kinds = {'departure': 'departed', 'arrival': 'arrived'} -%}
{%- set rank_order = 'occurred_at, known_at, flight_key, version_number' -%}
with

bounded as (

    select
        *,
        coalesce(departure_delay_minutes, arrival_delay_minutes) as delay_minutes,
        {{ window_end('24h') }} as end_24h,
        {{ window_end('28d') }} as end_28d
    from {{ facts }}
    where
        event_type in ('departure', 'arrival')
        and tail_number is not null

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
{%- endmacro %}


{# For each aircraft and instant the ranks of its newest departure and arrival that stand, and its legs of 24 hours, as the
   CTE `standing`, after those that lead to it. A movement that was corrected away gives its place to the newest that
   still holds.

   movements: CTE with one row per version of a movement, its `movement_rank` within the aircraft, and the instants
     `end_24h` and `end_28d` at which it leaves the windows.
   kinds: the types of events that are movements. #}
{% macro standing_movements(movements, kinds) -%}
steps as (

    select
        tail_number,
        known_at,
        case when event_type = 'departure' then movement_rank end as departure_rank,
        case when event_type = 'arrival' then movement_rank end as arrival_rank,
        case when event_type = 'departure' and known_at < end_24h then 1 else 0 end as leg_count
    from {{ movements }}

    union all

    select
        tail_number,
        end_24h as known_at,
        null as departure_rank,
        null as arrival_rank,
        -1 as leg_count
    from {{ movements }}
    where
        event_type = 'departure'
        and known_at < end_24h

    union all

    select
        tail_number,
        end_28d as known_at,
        null as departure_rank,
        null as arrival_rank,
        0 as leg_count
    from {{ movements }}

),

instants as (

    select
        tail_number,
        known_at,
        max(departure_rank) as departure_rank,
        max(arrival_rank) as arrival_rank,
        sum(leg_count) as leg_count
    from steps
    group by tail_number, known_at

),

newest as (

    select
        tail_number,
        known_at,
        max(departure_rank) over in_order as departure_rank,
        max(arrival_rank) over in_order as arrival_rank,
        sum(leg_count) over in_order as leg_count
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
        inner join {{ movements }} as movements
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
    left join {{ movements }} as movements
        on
            withdrawn.tail_number = movements.tail_number
            and withdrawn.event_type = movements.event_type
            and withdrawn.known_at >= movements.known_at
            and withdrawn.known_at < movements.end_28d
    group by withdrawn.tail_number, withdrawn.known_at, withdrawn.event_type

),

standing as (

    select
        newest.tail_number,
        newest.known_at,
        newest.leg_count
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

)
{%- endmacro %}
