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
