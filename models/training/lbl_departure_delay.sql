{{ config(
    materialized='incremental',
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    pre_hook="{{ delete_flight_dates_to_build(ref('fct_flight_events')) }}",
) }}

{% set dates = flight_dates_to_build(ref('fct_flight_events')) %}

with

departures as (

    select *
    from {{ ref('fct_flight_events') }}
    where
        event_type = 'departure'
        and superseded_load_number is null
        and {{ is_date_to_build('flight_date', dates) }}

),

final as (

    select
        flight_key,
        is_departure_delayed_15,
        departure_delay_minutes,
        flight_date,
        occurred_at as departed_at,
        known_at,
        {{ month_start('flight_date') }} as flight_month
    from departures

)

select * from final
