{{ config(
    enabled=is_label_kept('lbl_cancellation'),
    materialized='incremental',
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    pre_hook="{{ delete_flight_dates_to_build(ref('fct_flight_events')) }}",
) }}

{% set dates = flight_dates_to_build(ref('fct_flight_events')) %}

with

-- that a flight is not cancelled is settled when it leaves
outcomes as (

    select *
    from {{ ref('fct_flight_events') }}
    where
        event_type in ('departure', 'cancellation')
        and superseded_load_number is null
        and {{ is_date_to_build('flight_date', dates) }}

),

final as (

    select
        flight_key,
        event_type = 'cancellation' as is_cancelled,
        flight_date,
        occurred_at as settled_at,
        known_at,
        {{ month_start('flight_date') }} as flight_month
    from outcomes

)

select * from final
