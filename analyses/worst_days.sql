-- The ten days on which the greatest share of flights was cancelled or left late, with their weather.
with

flights as (

    select * from {{ ref('fct_flights') }}

),

days as (

    select
        origin_airport_code,
        flight_date,
        {{ on_time_measures() }}
    from flights
    group by origin_airport_code, flight_date

),

final as (

    select
        origin_airport_code,
        flight_date,
        flight_count,
        cancelled_count,
        departure_delayed_15_count,
        {{ ratio('cancelled_count + departure_delayed_15_count', 'flight_count') }} as disturbed_share
    from days
    where flight_count >= 100
    order by disturbed_share desc
    limit 10

)

select * from final
