{# Columns that hold no null; those that do are the rows of the result, with the number of nulls. #}
{% test never_null(model, columns) %}
    with

    counted as (

        select
            {%- for column in columns %}
            count(*) - count({{ column }}) as {{ column }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ model }}

    ),

    listed as (
        {% for column in columns %}
        select
            '{{ column }}' as column_name,
            {{ column }} as null_count
        from counted
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}

    )

    select *
    from listed
    where null_count > 0
{% endtest %}
