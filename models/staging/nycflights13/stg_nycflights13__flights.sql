{% set key = [
    'flight_date', 'carrier_code', 'flight_number', 'origin_airport_code', 'destination_airport_code',
    'scheduled_departure_clock',
] %}

with

versions as (

    select * from {{ ref('base_nycflights13__flights') }}

),

newest as (

    {{ newest_version('versions', key) }}

)

select * from newest
