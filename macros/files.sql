{# The files of a source that the running build sees. #}
{% macro visible_files(source_name) -%}
    select
        load_id as _dlt_load_id,
        file as _source_file,
        load_number,
        loaded_at
    from {{ source('governance', 'visible_files') }}
    where source_name = '{{ source_name }}'
{%- endmacro %}


{# The newest version of each record of a raw table: of the file that was loaded last, and in it of the later line. #}
{% macro newest_version(relation, key) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by load_number desc, _source_line desc
            ) as recency
        from {{ relation }}
    ) as ranked
    where recency = 1
{%- endmacro %}


{# True where a row has the values of the row before it in a window, false of the first; rows have a `load_number`. #}
{% macro is_unchanged(columns, window) -%}
    (
        lag(load_number) over {{ window }} is not null
        {%- for column in columns %}
        and {{ column }} is not distinct from lag({{ column }}) over {{ window }}
        {%- endfor %}
    )
{%- endmacro %}
