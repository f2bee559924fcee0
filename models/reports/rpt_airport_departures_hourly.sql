with

flights as (

    select * from {{ ref('fct_flights') }}

),

weather as (

    select * from {{ ref('fct_weather_observations') }}

),

hourly as (

    select
        origin_airport_code as airport_code,
        {{ instant_trunc('hour', 'scheduled_departure_at') }} as hour_at,
        min({{ instant_trunc('hour', 'scheduled_departure_local') }}) as hour_local,
        {{ on_time_measures() }}
    from flights
    group by 1, 2

),

with_weather as (

    {{ as_of_join(
        spine='hourly',
        features='weather',
        keys=['airport_code'],
        instant='hour_at',
        columns=['flight_category', 'wind_speed_knots', 'visibility_miles', 'ceiling_ft', 'temperature_celsius'],
        prefix='weather',
        known_at='first_known_at',
        event_at='observed_at',
        max_age_minutes=180,
    ) }}

),

final as (

    select
        {{ hash_key(['airport_code', epoch_seconds('hour_at')]) }} as report_key,
        *,
        {{ on_time_means() }}
    from with_weather

)

select * from final
