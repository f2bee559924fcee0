with

flights as (

    select * from {{ ref('fct_flights') }}

),

hourly as (

    select
        origin_airport_code as airport_code,
        {{ dbt.date_trunc('hour', 'scheduled_departure_at') }} as hour_at,
        min({{ dbt.date_trunc('hour', 'scheduled_departure_local') }}) as hour_local,
        {{ on_time_measures() }}
    from flights
    group by 1, 2

),

final as (

    select
        {{ hash_key(['airport_code', epoch_seconds('hour_at')]) }} as report_key,
        *,
        {{ on_time_ratios() }}
    from hourly

)

select * from final
