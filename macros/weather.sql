{#
    The FAA's flight category, the worse of what ceiling and visibility allow (AIM 7-1-6). What is not known may be
    the worse of the two: then only the worst category is known.
#}
{% macro flight_category(visibility_miles, has_ceiling, ceiling_ft) -%}
    case
        when {{ visibility_miles }} < 1 or {{ ceiling_ft }} < 500 then 'LIFR'
        when
            {{ visibility_miles }} is null
            or {{ has_ceiling }} is null
            or ({{ has_ceiling }} and {{ ceiling_ft }} is null)
            then null
        when {{ visibility_miles }} < 3 or {{ ceiling_ft }} < 1000 then 'IFR'
        when {{ visibility_miles }} <= 5 or {{ ceiling_ft }} <= 3000 then 'MVFR'
        else 'VFR'
    end
{%- endmacro %}


{# Whether a layer is a ceiling, by its cover: null where that is missing or no cover that is known. #}
{% macro is_ceiling_cover(cover) -%}
    case
        when {{ cover }} in ('BKN', 'OVC', 'VV', 'OVX') then true
        when {{ cover }} in ('FEW', 'SCT', 'CLR', 'SKC', 'NSC', 'NCD') then false
    end
{%- endmacro %}


{# Whether one of the layers is a ceiling: null where there is none, or one whose cover is not known. #}
{% macro has_ceiling_layer(covers) -%}
    case
        {%- for cover in covers %}
        when {{ is_ceiling_cover(cover) }} then true
        {%- endfor %}
        when {{ covers | join(' is null and ') }} is null then null
        {%- for cover in covers %}
        when {{ cover }} is not null and {{ is_ceiling_cover(cover) }} is null then null
        {%- endfor %}
        else false
    end
{%- endmacro %}


{# Height of the lowest layer that is a ceiling: null where there is none, or where one before it may be lower. #}
{% macro lowest_ceiling_ft(covers, heights) -%}
    case
        when
            case
                {%- for cover in covers %}
                when {{ is_ceiling_cover(cover) }} and {{ heights[loop.index0] }} is not null then true
                when {{ cover }} is not null and coalesce({{ is_ceiling_cover(cover) }}, true) then false
                {%- endfor %}
            end
            then least(
                {%- for cover in covers %}
                case when {{ is_ceiling_cover(cover) }} then {{ heights[loop.index0] }} end
                {%- if not loop.last %},{% endif %}
                {%- endfor %}
            )
    end
{%- endmacro %}


{# The value of a METAR text where the whole of it was read, else the provider's, else that of a text read in part. #}
{% macro text_or_provider(of_text, of_provider) -%}
    case metar_status
        when 'parsed' then coalesce({{ of_text }}, {{ of_provider }})
        when 'partial' then coalesce({{ of_provider }}, {{ of_text }})
        else {{ of_provider }}
    end
{%- endmacro %}


{# Each airport with its station, and its rank among the airports of the station: the first of them has its reports. A US
   station bears the airport's ICAO code less its K, any other the whole of it. #}
{% macro stations_of_airports(airports) -%}
    select
        airport_code,
        time_zone,
        station_code,
        row_number() over (
            partition by station_code
            order by case when icao_code is not null then 0 else 1 end, airport_code
        ) as station_rank
    from (
        select
            airport_code,
            time_zone,
            icao_code,
            case
                when icao_code like 'K%' then substr(icao_code, 2)
                when icao_code is not null then icao_code
                else airport_code
            end as station_code
        from {{ airports }}
    ) as coded
{%- endmacro %}


{# The measured columns of reports, each with its value in `chosen` of reports_that_count. #}
{% macro columns_of_reports() -%}
    {{ return({
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
    }) }}
{%- endmacro %}


{# Reports with the values that count, as the CTEs `judged` and `chosen`. Which of the METAR text and the provider's columns
   counts, and why: docs/weather-values.md.

   reports: CTE with the columns of `raw_asos.observations`. #}
{% macro reports_that_count(reports) -%}
{%- set covers = ['skyc1', 'skyc2', 'skyc3', 'skyc4'] -%}
{%- set heights = ['skyl1', 'skyl2', 'skyl3', 'skyl4'] -%}
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
    from {{ reports }}

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

)
{%- endmacro %}
