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
