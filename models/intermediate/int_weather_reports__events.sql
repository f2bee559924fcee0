with

reports as (

    select * from {{ ref('stg_events__weather_reports') }}

),

airports as (

    select * from {{ ref('int_airports') }}

),

stations as (

    {{ stations_of_airports('airports') }}

),

conformed as (

    select
        'events' as source,
        coalesce(stations.airport_code, reports.station_code) as airport_code,
        reports.observed_at,
        reports.temperature_fahrenheit,
        reports.dew_point_fahrenheit,
        reports.relative_humidity_percent,
        reports.wind_direction_degrees,
        reports.wind_speed_knots,
        reports.wind_gust_knots,
        reports.visibility_miles,
        reports.ceiling_ft,
        reports.sea_level_pressure_hpa,
        reports.hour_to_date_precipitation_inches,
        reports.present_weather,
        {{ flight_category('reports.visibility_miles', 'reports.has_ceiling', 'reports.ceiling_ft') }}
            as flight_category,
        reports.metar_text,
        reports.taken_at,
        reports.topic_generation,
        reports.topic_partition,
        reports.topic_offset,
        reports.load_number,
        reports.loaded_at,
        reports._source_line
    from reports
    left join stations
        on
            reports.station_code = stations.station_code
            and stations.station_rank = 1

)

select * from conformed
