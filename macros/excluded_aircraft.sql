{# True for a tail number whose owner did not opt out of display. This file is the one place where
   seeds/excluded_aircraft.csv is applied. #}
{% macro is_displayable(tail_number) -%}
    not exists (
        select 1
        from (select * from {{ ref('excluded_aircraft') }}) as excluded_aircraft
        where {{ registration('excluded_aircraft.tail_number') }} = {{ registration(tail_number) }}
    )
{%- endmacro %}


{# A tail number in the one way in which all of its spellings are equal: capitals and digits alone, and without the N of US
   aircraft, which some sources leave out; null where nothing is left. #}
{% macro registration(tail_number) -%}
    {{ return(adapter.dispatch('registration')(tail_number)) }}
{%- endmacro %}

{% macro default__registration(tail_number) -%}
    nullif(trim(leading 'N' from regexp_replace(upper({{ tail_number }}), '[^A-Z0-9]', '', 'g')), '')
{%- endmacro %}

{% macro spark__registration(tail_number) -%}
    nullif(trim(leading 'N' from regexp_replace(upper({{ tail_number }}), '[^A-Z0-9]', '')), '')
{%- endmacro %}


{# Joins, to rows that stay without it, the excluded aircraft of a tail number; its `registration` is null where the aircraft
   may be displayed. #}
{% macro join_excluded_aircraft(alias, tail_number) -%}
    left join (
        select {{ registration('tail_number') }} as registration
        from {{ ref('excluded_aircraft') }}
        group by 1
    ) as {{ alias }}
        on {{ registration(tail_number) }} = {{ alias }}.registration
{%- endmacro %}


{# The excluded aircraft, each once; read from the table, which `--empty` does not hide. #}
{% macro excluded_registrations() -%}
    select {{ registration('tail_number') }} as registration
    from {{ api.Relation.create(database=target.database | default(none), schema='seeds', identifier='excluded_aircraft') }}
    group by 1
{%- endmacro %}


{# Takes excluded aircraft out of a history that is kept as it was before they were excluded. #}
{% macro drop_excluded_aircraft() -%}
    {{ return(adapter.dispatch('drop_excluded_aircraft')()) }}
{%- endmacro %}

{% macro default__drop_excluded_aircraft() -%}
    delete from {{ this }}
    where {{ registration('tail_number') }} in ({{ excluded_registrations() }})
{%- endmacro %}


{# Rows cannot be deleted there: where there are some to take out, the table is written anew. #}
{% macro spark__drop_excluded_aircraft() -%}
    {%- set is_excluded = registration('tail_number') ~ ' in (' ~ excluded_registrations() ~ ')' -%}
    {%- set kept = this.incorporate(path={'identifier': this.identifier ~ '__kept'}) -%}
    {%- if single_value('select count(*) as row_count from ' ~ this ~ ' where ' ~ is_excluded) > 0 -%}
        {%- do run_query('drop table if exists ' ~ kept) -%}
        {%- do run_query(create_table_as(False, kept, 'select * from ' ~ this ~ ' where not coalesce(' ~ is_excluded ~ ', false)')) -%}
        {%- do run_query('drop table ' ~ this) -%}
        {%- do run_query('alter table ' ~ kept ~ ' rename to ' ~ this) -%}
    {%- endif -%}
    select 1 as kept
{%- endmacro %}
