{# The sample gives the scheduled departure twice, as a local clock and as a UTC hour: both name one instant, but for
   rows that contradict themselves, which are few. #}
with

flights as (

    select * from {{ ref('fct_flights') }}

),

sample as (

    select * from {{ ref('stg_nycflights13__flights') }}

),

compared as (

    select
        count(*) as flight_count,
        sum(
            case
                when
                    {{ dbt.date_trunc('hour', 'flights.scheduled_departure_at') }}
                    <> sample.scheduled_departure_hour_at
                    then 1
                else 0
            end
        ) as different_count
    from flights
    inner join sample
        on
            flights.flight_date = sample.flight_date
            and flights.carrier_code = sample.carrier_code
            and flights.flight_number = sample.flight_number
            and flights.origin_airport_code = sample.origin_airport_code
            and flights.destination_airport_code = sample.destination_airport_code
            and flights.loaded_at = sample.loaded_at
    where flights.source = 'nycflights13'

)

select *
from compared
where different_count > flight_count / 100.0
