{{ config(
    materialized='incremental',
    incremental_strategy=incremental_strategy('append'),
    partition_by='known_month',
    on_schema_change='fail',
    pre_hook="{{ drop_changed(ref('fct_flight_events'), window_minutes('28d')) }}",
    post_hook='{{ remember_exclusions() }}',
) }}

{% set rebuild_from = rebuild_instant(ref('fct_flight_events'), window_minutes('28d')) %}

with

facts as (

    select
        origin_airport_code,
        destination_airport_code,
        {{ arrival_measures() }},
        occurred_at,
        known_at,
        superseded_at,
        loaded_at
    from {{ ref('fct_flight_events') }}
    where
        event_type = 'arrival'
        and {{ can_reach('occurred_at', rebuild_from, window_minutes('28d')) }}

),

features as (

    {{ rolling_features(
        'facts', ['origin_airport_code', 'destination_airport_code'], arrival_features(), ['7d', '28d'], rebuild_from
    ) | indent(4) }}

)

select * from features
{{ stored_in_order_of('known_at') }}
