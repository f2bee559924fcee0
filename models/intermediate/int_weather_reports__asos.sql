with

observations as (

    select * from {{ ref('stg_asos__observations') }}

),

airports as (

    select * from {{ ref('int_airports') }}

),

stations as (

    {{ stations_of_airports('airports') }}

),

conformed as (

    select
        'asos' as source,
        coalesce(stations.airport_code, observations.station_code) as airport_code,
        observations.observed_at,
        observations.temperature_fahrenheit,
        observations.dew_point_fahrenheit,
        observations.relative_humidity_percent,
        observations.wind_direction_degrees,
        observations.wind_speed_knots,
        observations.wind_gust_knots,
        observations.visibility_miles,
        observations.ceiling_ft,
        observations.sea_level_pressure_hpa,
        observations.hour_to_date_precipitation_inches,
        observations.present_weather,
        {{ flight_category('observations.visibility_miles', 'observations.has_ceiling', 'observations.ceiling_ft') }}
            as flight_category,
        observations.metar_text,
        {{ columns_of_places() }},
        observations.load_number,
        observations.loaded_at,
        observations._source_line
    from observations
    left join stations
        on
            observations.station_code = stations.station_code
            and stations.station_rank = 1

)

select * from conformed
