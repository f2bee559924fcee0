with

source as (

    select * from {{ source('asos', 'observations') }}

),

files as (

    {{ visible_files('asos') }}

),

renamed as (

    select
        -- ids
        source.station as station_code,

        -- strings
        source.metar as metar_text,
        source.metar_status,
        source.metar_present_weather as present_weather,
        source.metar_flight_category as flight_category,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        source.tmpf as temperature_fahrenheit,
        source.dwpf as dew_point_fahrenheit,
        source.relh as relative_humidity_percent,
        coalesce(source.metar_wind_direction_degrees, {{ whole_number('source.drct') }}) as wind_direction_degrees,
        coalesce(source.metar_wind_speed_knots, {{ whole_number('source.sknt') }}) as wind_speed_knots,
        coalesce(source.metar_wind_gust_knots, {{ whole_number('source.gust') }}) as wind_gust_knots,
        source.p01i as hour_to_date_precipitation_inches,
        source.mslp as sea_level_pressure_hpa,
        source.alti as altimeter_inches_of_mercury,
        coalesce(source.metar_visibility_miles, source.vsby) as visibility_miles,
        source.metar_ceiling_ft as ceiling_ft,
        source._source_line,
        files.load_number,

        -- timestamps
        source.valid as observed_at,
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file

)

select * from renamed
