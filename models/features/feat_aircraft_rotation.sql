{{ config(
    materialized=incremental_or_view(),
    incremental_strategy=increment_strategy(),
    partition_by='known_month',
    on_schema_change='fail',
    pre_hook="{{ delete_from_instant(
        ref('fct_flight_events'), window_minutes('28d'), flights=ref('fct_flight_events')
    ) }}",
) }}

{% set build_from = instant_to_build_from(
    ref('fct_flight_events'), window_minutes('28d'), flights=ref('fct_flight_events')
) %}

with

facts as (

    select *
    from {{ counted(ref('fct_flight_events')) }}
    where
        event_type in ('departure', 'arrival')
        and {{ counts_from('occurred_at', build_from, window_minutes('28d')) }}

),

features as (

    {{ aircraft_rotation('facts', build_from) | indent(4) }}

)

select * from features
{{ stored_in_order_of('known_at') }}
