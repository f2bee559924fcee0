{% set bounded = {
    'engine_count': 'source.engine_count',
    'seat_count': 'source.seat_count',
    'cruise_speed_mph': 'source.cruise_speed_mph',
    'year_manufactured': 'source.year_manufactured',
} %}

with

source as (

    select * from {{ source('reference', 'aircraft') }}

),

files as (

    {{ visible_files('reference') }}

),

bounds as (

    {{ plausible_bounds(bounded) }}

),

renamed as (

    select
        -- ids
        source.tail_number,

        -- strings
        source.manufacturer,
        source.model,
        source.aircraft_type,
        source.engine_type,
        source.registry,
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
