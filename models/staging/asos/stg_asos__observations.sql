{% set covers = ['skyc1', 'skyc2', 'skyc3', 'skyc4'] %}
{% set heights = ['skyl1', 'skyl2', 'skyl3', 'skyl4'] %}

with

source as (

    select * from {{ source('asos', 'observations') }}

),

files as (

    {{ visible_files('asos') }}

),

-- which of the METAR text and the provider's columns counts, and why: docs/weather-values.md
judged as (

    select
        *,
        {{ has_ceiling_layer(covers) }} as provider_has_ceiling,
        {{ lowest_ceiling_ft(covers, heights) }} as provider_ceiling_ft,
        case
            when metar_status = 'parsed' and metar_wind_speed_knots is not null then true
            when coalesce(drct, sknt, gust) is not null then false
            else metar_status in ('parsed', 'partial')
        end as is_wind_of_text,
        metar_status = 'parsed'
        and (not metar_has_ceiling or metar_ceiling_ft is not null or skyc1 is null) as is_sky_of_text
    from source

),

renamed as (

    select
        -- ids
        judged.station as station_code,

        -- strings
        judged.metar as metar_text,
        judged.metar_status,
        judged.metar_unread_text,
        {{ text_or_provider('judged.metar_present_weather', "replace(judged.wxcodes, 'PE', 'PL')") }}
            as present_weather,
        judged._source_file,
        judged._dlt_load_id,

        -- numbers
        judged.tmpf as temperature_fahrenheit,
        judged.dwpf as dew_point_fahrenheit,
        judged.relh as relative_humidity_percent,
        case
            when judged.is_wind_of_text then judged.metar_wind_direction_degrees
            else {{ whole_number('judged.drct') }}
        end as wind_direction_degrees,
        case when judged.is_wind_of_text then judged.metar_wind_speed_knots else {{ whole_number('judged.sknt') }} end
            as wind_speed_knots,
        case when judged.is_wind_of_text then judged.metar_wind_gust_knots else {{ whole_number('judged.gust') }} end
            as wind_gust_knots,
        judged.p01i as hour_to_date_precipitation_inches,
        judged.mslp as sea_level_pressure_hpa,
        judged.alti as altimeter_inches_of_mercury,
        {{ text_or_provider('judged.metar_visibility_miles', 'judged.vsby') }} as visibility_miles,
        case
            when judged.is_sky_of_text then judged.metar_ceiling_ft
            else {{ whole_number('judged.provider_ceiling_ft') }}
        end as ceiling_ft,
        judged._source_line,
        files.load_number,

        -- booleans
        case when judged.is_sky_of_text then judged.metar_has_ceiling else judged.provider_has_ceiling end
            as has_ceiling,

        -- timestamps
        judged.valid as observed_at,
        files.loaded_at
    from judged
    inner join files
        on
            judged._dlt_load_id = files._dlt_load_id
            and judged._source_file = files._source_file

)

select * from renamed
