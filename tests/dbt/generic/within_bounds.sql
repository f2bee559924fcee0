{# Columns whose values lie within bounds, both included; those with others are the rows of the result, with their extremes.

   ranges: the least and the greatest value of columns, null for none.
   plausible: columns whose bounds are those of seeds/plausible_values.csv; of another column, as `{column: other}`. #}
{% test within_bounds(model, ranges={}, plausible=[]) %}
    {%- set bounded_as = {} -%}
    {%- for entry in plausible -%}
        {%- do bounded_as.update({entry: entry} if entry is string else entry) -%}
    {%- endfor -%}
    {%- set columns = (ranges | list) + (bounded_as | list) -%}
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

    found as (
        {% for column in columns %}
        select
            '{{ column }}' as column_name,
            '{{ bounded_as.get(column, column) }}' as bounded_as,
            cast(least_{{ column }} as {{ type_double() }}) as least_found,
            cast(greatest_{{ column }} as {{ type_double() }}) as greatest_found
        from extremes
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}

    ),

    bounds as (
        {% for column, bounds in ranges.items() %}
        select
            '{{ column }}' as column_name,
            cast({{ bounds[0] if bounds[0] is not none else 'null' }} as {{ type_double() }}) as least_value,
            cast({{ bounds[1] if bounds[1] is not none else 'null' }} as {{ type_double() }}) as greatest_value
        {% if bounded_as or not loop.last %}union all{% endif %}
        {%- endfor %}
        {%- if bounded_as %}
        select
            column_name,
            cast(least_value as {{ type_double() }}) as least_value,
            cast(greatest_value as {{ type_double() }}) as greatest_value
        from {{ ref('plausible_values') }}
        where column_name in ('{{ bounded_as.values() | unique | join("', '") }}')
        {%- endif %}

    )

    select
        found.column_name,
        found.least_found,
        found.greatest_found,
        bounds.least_value,
        bounds.greatest_value
    from found
    left join bounds on found.bounded_as = bounds.column_name
    where
        found.least_found < bounds.least_value
        or found.greatest_found > bounds.greatest_value
{% endtest %}
