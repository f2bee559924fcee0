{# Through decimals, so that every engine rounds alike. #}
{% macro fahrenheit_to_celsius(value) -%}
    cast(round((cast({{ value }} as decimal(9, 2)) - 32) * 5 / 9, 1) as decimal(5, 1))
{%- endmacro %}


{% macro mph_to_knots(value) -%}
    cast(round(cast({{ value }} as decimal(12, 5)) * 0.868976) as integer)
{%- endmacro %}
