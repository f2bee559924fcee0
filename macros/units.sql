{# Through decimals, so that every engine rounds alike. #}
{% macro fahrenheit_to_celsius(value) -%}
    cast(round((cast({{ value }} as decimal(9, 2)) - 32) * 5 / 9, 1) as decimal(5, 1))
{%- endmacro %}


{% macro mph_to_knots(value) -%}
    cast(round(cast({{ value }} as decimal(12, 5)) * 0.868976) as integer)
{%- endmacro %}


{# The nearest whole number, of two the greater: a cast alone rounds on one engine and cuts off on another. #}
{% macro whole_number(value) -%}
    cast(floor({{ value }} + 0.5) as integer)
{%- endmacro %}


{# One integer over another as a double: the same bits on every engine. Null where there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as {{ type_double() }}) / nullif({{ denominator }}, 0)
{%- endmacro %}


{# The name of the 64-bit floating-point type. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro spark__type_double() -%}
    double
{%- endmacro %}


{# A text as a double, null for what is no number or lies outside of its range. #}
{% macro number_in_range(text, least, greatest) -%}
    case
            when {{ number_or_null(text) }} between {{ least }} and {{ greatest }} then {{ number_or_null(text) }}
        end
{%- endmacro %}


{# A text as a double, null for what is no number. #}
{% macro number_or_null(text) -%}
    {{ return(adapter.dispatch('number_or_null')(text)) }}
{%- endmacro %}

{% macro default__number_or_null(text) -%}
    try_cast({{ text }} as {{ type_double() }})
{%- endmacro %}

{% macro postgres__number_or_null(text) -%}
    (case when {{ text }} ~ '^\s*[-+]?[0-9]{1,15}([.][0-9]{1,15})?\s*$' then cast({{ text }} as {{ type_double() }}) end)
{%- endmacro %}
