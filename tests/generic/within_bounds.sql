{# Columns whose values lie within bounds, both included; those with others are the rows of the result, with their extremes.

   ranges: the least and the greatest value of columns, null for none.
   plausible: columns whose bounds are those of seeds/plausible_values.csv. #}
{% test within_bounds(model, ranges={}, plausible=[]) %}
    {%- set columns = ranges.keys() | list + plausible -%}
    with

    extremes as (

        select
            {%- for column in columns %}
            min({{ column }}) as least_{{ column }},
            max({{ column }}) as greatest_{{ column }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ model }}

    ),

    listed as (
        {% for column in columns %}
        select
            '{{ column }}' as column_name,
            cast(least_{{ column }} as {{ type_double() }}) as least_found,
            cast(greatest_{{ column }} as {{ type_double() }}) as greatest_found
        from extremes
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}

    ),

    bounds as (
        {% for column, (least, greatest) in ranges.items() %}
        select
            '{{ column }}' as column_name,
            cast({{ 'null' if least is none else least }} as {{ type_double() }}) as least_value,
            cast({{ 'null' if greatest is none else greatest }} as {{ type_double() }}) as greatest_value
        {% if plausible or not loop.last %}union all{% endif %}
        {%- endfor %}
        {%- if plausible %}
        select
            column_name,
            cast(least_value as {{ type_double() }}) as least_value,
            cast(greatest_value as {{ type_double() }}) as greatest_value
        from {{ ref('plausible_values') }}
        where column_name in ('{{ plausible | join("', '") }}')
        {%- endif %}

    )

    select
        listed.*,
        bounds.least_value,
        bounds.greatest_value
    from listed
    left join bounds on listed.column_name = bounds.column_name
    where
        listed.least_found < bounds.least_value
        or listed.greatest_found > bounds.greatest_value
{% endtest %}
