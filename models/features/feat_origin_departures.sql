{{ config(
    materialized='incremental',
    incremental_strategy=incremental_strategy('append'),
    partition_by='known_month',
    on_schema_change='fail',
    pre_hook="{{ drop_changed(ref('fct_flight_events'), window_minutes('24h')) }}",
    post_hook='{{ remember_exclusions() }}',
) }}

{% set rebuild_from = rebuild_instant(ref('fct_flight_events'), window_minutes('24h')) %}

with

facts as (

    select
        origin_airport_code,
        {{ departure_measures() }},
        occurred_at,
        known_at,
        superseded_at,
        loaded_at
    from {{ ref('fct_flight_events') }}
    where
        event_type in ('departure', 'cancellation')
        and {{ can_reach('occurred_at', rebuild_from, window_minutes('24h')) }}

),

features as (

    {{ rolling_features(
        'facts', ['origin_airport_code'], departure_features(), ['1h', '3h', '24h'], rebuild_from
    ) | indent(4) }}

)

select * from features
{{ stored_in_order_of('known_at') }}
