{% set bounded = columns_of_reports() %}

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

{{ reports_that_count('source') }},

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
