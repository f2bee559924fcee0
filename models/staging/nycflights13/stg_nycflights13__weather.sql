{% set bounded = {
    'temperature_fahrenheit': 'source.temp',
    'dew_point_fahrenheit': 'source.dewp',
    'relative_humidity_percent': 'source.humid',
    'wind_direction_degrees': 'source.wind_dir',
    'wind_speed_mph': 'source.wind_speed',
    'wind_gust_mph': 'source.wind_gust',
    'precipitation_inches': 'source.precip',
    'sea_level_pressure_hpa': 'source.pressure',
    'visibility_miles': 'source.visib',
} %}

with

source as (

    select * from {{ source('nycflights13', 'weather') }}

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
        source.origin as airport_code,

        -- strings
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
        source.time_hour as observed_hour_at,
        files.loaded_at
    from source
    inner join files
        on
            source._dlt_load_id = files._dlt_load_id
            and source._source_file = files._source_file
    cross join bounds

)

select * from renamed
