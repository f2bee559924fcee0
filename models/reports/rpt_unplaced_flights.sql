with

unplaced as (

    select * from {{ ref('fct_unplaced_flights') }}

),

named as (

    select
        *,
        concat(
            carrier_code, ' ', flight_number, ' ', origin_airport_code, '-', destination_airport_code, ' ', flight_date
        ) as flight_name,
        row_number() over (
            partition by source, airport_code, flight_month, unplaced_reason
            order by flight_date, unplaced_flight_key
        ) as place
    from unplaced

),

grouped as (

    select
        source,
        airport_code,
        flight_month,
        unplaced_reason,
        cast(count(*) as integer) as flight_count,
        max(case when place = 1 then flight_name end) as example_flight_name
    from named
    group by 1, 2, 3, 4

),

final as (

    select
        {{ hash_key(['source', 'airport_code', date_number('flight_month'), 'unplaced_reason']) }} as report_key,
        *
    from grouped

)

select * from final
