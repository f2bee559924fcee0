{# Holds a seed to the columns and types of its YAML, which dbt itself does for models only; a post-hook of all seeds. #}
{% macro enforce_seed_contract() -%}
    {%- if execute -%}
        {%- do get_assert_columns_equivalent('select * from ' ~ this) -%}
    {%- endif -%}
{%- endmacro %}
