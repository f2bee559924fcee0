{% set covers = ['skyc1', 'skyc2', 'skyc3', 'skyc4'] %}
{% set heights = ['skyl1', 'skyl2', 'skyl3', 'skyl4'] %}

{% set bounded = {
    'temperature_fahrenheit': 'chosen.tmpf',
    'dew_point_fahrenheit': 'chosen.dwpf',
    'relative_humidity_percent': 'chosen.relh',
    'wind_direction_degrees': 'chosen.wind_direction_degrees',
    'wind_speed_knots': 'chosen.wind_speed_knots',
    'wind_gust_knots': 'chosen.wind_gust_knots',
    'hour_to_date_precipitation_inches': 'chosen.p01i',
    'sea_level_pressure_hpa': 'chosen.mslp',
    'altimeter_inches_of_mercury': 'chosen.alti',
    'visibility_miles': 'chosen.visibility_miles',
    'ceiling_ft': 'chosen.ceiling_ft',
} %}

with

source as (

    select * from {{ source('asos', 'observations') }}

),

files as (

    {{ visible_files('asos') }}

),

bounds as (

    {{ plausible_bounds(bounded) }}

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

chosen as (

    select
        *,
        {{ text_or_provider('metar_present_weather', "replace(wxcodes, 'PE', 'PL')") }} as present_weather,
        case when is_wind_of_text then metar_wind_direction_degrees else drct end as wind_direction_degrees,
        case when is_wind_of_text then metar_wind_speed_knots else sknt end as wind_speed_knots,
        case when is_wind_of_text then metar_wind_gust_knots else gust end as wind_gust_knots,
        {{ text_or_provider('metar_visibility_miles', 'vsby') }} as visibility_miles,
        case when is_sky_of_text then metar_ceiling_ft else provider_ceiling_ft end as ceiling_ft,
        case when is_sky_of_text then metar_has_ceiling else provider_has_ceiling end as has_ceiling
    from judged

),

renamed as (

    select
        -- ids
        chosen.station as station_code,

        -- strings
        chosen.metar as metar_text,
        chosen.metar_status,
        chosen.metar_unread_text,
        chosen.present_weather,
        {{ implausible_values(bounded) | indent(8) }} as implausible_values,
        chosen._source_file,
        chosen._dlt_load_id,

        -- numbers
        {% for column in bounded -%}
            {{ plausible(column, bounded) }} as {{ column }},
        {% endfor -%}
        chosen._source_line,
        files.load_number,

        -- booleans
        chosen.has_ceiling,

        -- timestamps
        chosen.valid as observed_at,
        files.loaded_at
    from chosen
    inner join files
        on
            chosen._dlt_load_id = files._dlt_load_id
            and chosen._source_file = files._source_file
    cross join bounds

)

select * from renamed
