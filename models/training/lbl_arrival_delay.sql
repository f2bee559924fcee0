{{ config(
    enabled=is_label_kept('lbl_arrival_delay'),
    materialized='incremental',
    incremental_strategy=increment_strategy(),
    partition_by='flight_month',
    on_schema_change='fail',
    pre_hook="{{ delete_flight_dates_to_build(ref('fct_flight_events')) }}",
) }}

{% set dates = flight_dates_to_build(ref('fct_flight_events')) %}

with

-- of a flight that was diverted and whose delay is not reported nobody can say how late it was
arrivals as (

    select *
    from {{ ref('fct_flight_events') }}
    where
        event_type = 'arrival'
        and superseded_load_number is null
        and arrival_delay_minutes is not null
        and {{ is_date_to_build('flight_date', dates) }}

),

final as (

    select
        flight_key,
        is_arrival_delayed_15,
        arrival_delay_minutes,
        flight_date,
        occurred_at as arrived_at,
        known_at,
        {{ month_start('flight_date') }} as flight_month
    from arrivals

)

select * from final
