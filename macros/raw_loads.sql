{# Loads of a source that completed, and when; only those known by the variable `as_of`, where it is set. #}
{% macro completed_loads(source_name) -%}
    select
        load_id as _dlt_load_id,
        {{ utc_instant('inserted_at') }} as loaded_at
    from {{ source(source_name, '_dlt_loads') }}
    where
        status = 0
        {%- if var('as_of') is not none %}
        and {{ utc_instant('inserted_at') }} <= cast('{{ var("as_of") }}' as timestamp)
        {%- endif %}
{%- endmacro %}


{# The newest version of each record of a raw table, from completed loads. Of two versions in one load the later line counts. #}
{% macro newest_version(relation, key) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by loaded_at desc, _dlt_load_id desc, _source_file desc, _source_line desc
            ) as recency
        from {{ relation }}
    ) as ranked
    where recency = 1
{%- endmacro %}


{# True where a row has the values of the row before it in a window; null of the first. #}
{% macro is_unchanged(columns, window) -%}
    (
        {%- for column in columns %}
        {{ column }} is not distinct from lag({{ column }}) over {{ window }}
        {%- if not loop.last %} and{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
