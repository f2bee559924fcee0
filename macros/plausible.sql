{# What values can be, by seeds/plausible_values.csv. `values` is a dictionary: the SQL of each value by the name of its column.
   The seed is read whenever a model is, so that no view goes by bounds that were changed after it was made. #}


{# The bounds of columns in one row, each as least_… and greatest_…; null where the seed has none. #}
{% macro plausible_bounds(values) -%}
    select
        {%- for column in values %}
        max(case when column_name = '{{ column }}' then least_value end) as least_{{ column }},
        max(case when column_name = '{{ column }}' then greatest_value end) as greatest_{{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('plausible_values') }}
{%- endmacro %}


{# The value of a column, null where it cannot be; beside a row `bounds` of plausible_bounds. #}
{% macro plausible(column, values) -%}
    case when {{ is_implausible(column, values) }} then null else {{ values[column] }} end
{%- endmacro %}


{% macro is_implausible(column, values) -%}
    {{ values[column] }} < bounds.least_{{ column }} or {{ values[column] }} > bounds.greatest_{{ column }}
{%- endmacro %}


{# The values of a row that cannot be, as `column=value; column=value`; null where all can.

   others: columns that are judged otherwise than by bounds, each with its value and with what is true where that cannot be. #}
{% macro implausible_values(values, others=[]) -%}
    case
        when
            {%- for column in values %}
            {{ 'or ' if not loop.first }}{{ is_implausible(column, values) }}
            {%- endfor %}
            {%- for _, _, condition in others %}
            or {{ condition }}
            {%- endfor %}
            then substr(concat(
                {%- for column, value in values.items() %}
                case when {{ is_implausible(column, values) }} then '; {{ column }}=' || {{ number_text(value) }} else '' end
                {%- if not loop.last %},{% endif %}
                {%- endfor %}
                {%- for column, value, condition in others %},
                case when {{ condition }} then '; {{ column }}=' || {{ value }} else '' end
                {%- endfor %}
            ), 3)
    end
{%- endmacro %}


{# A number in decimal digits, the same on every engine. #}
{% macro number_text(value) -%}
    case
        when {{ value }} > 999999999 then 'over 999999999'
        when {{ value }} < -999999999 then 'under -999999999'
        else replace(cast(cast({{ value }} as decimal(12, 2)) as {{ dbt.type_string() }}), '.00', '')
    end
{%- endmacro %}
