{% set bounded = columns_of_reports() %}

with

source as (

    select * from {{ source('events', 'weather_reports') }}

),

files as (

    {{ visible_files('events') }}

),

{{ records_once('source', 'files', date_column='valid') }},

bounds as (

    {{ plausible_bounds(bounded) }}

),

{{ reports_that_count('once') }},

renamed as (

    select
        -- ids
        chosen.topic,
        chosen.topic_generation,
        chosen.topic_partition,
        chosen.topic_offset,
        case
            when length(chosen.station) = 4 and chosen.station like 'K%' then substr(chosen.station, 2)
            else chosen.station
        end as station_code,

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
        chosen.schema_version,
        chosen._source_line,
        chosen.load_number,

        -- booleans
        chosen.has_ceiling,

        -- timestamps
        chosen.valid as observed_at,
        chosen.taken_at,
        chosen.loaded_at
    from chosen
    cross join bounds

)

select * from renamed
