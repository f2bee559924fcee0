with

flights as (

    select * from {{ ref('fct_flights') }}

),

grouped as (

    select
        origin_airport_code,
        destination_airport_code,
        {{ month_start('flight_date') }} as flight_month,
        {{ on_time_measures() }}
    from flights
    group by 1, 2, 3

),

final as (

    select
        {{ hash_key(['origin_airport_code', 'destination_airport_code', date_number('flight_month')]) }} as report_key,
        *,
        {{ on_time_means() }}
    from grouped

)

select * from final
