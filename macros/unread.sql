{# What of the files that a build sees could not be read: rows that were left out, and values that are null. A view, made when a
   build begins. The text of a row is not shown: it may tell of an aircraft whose owner opted out of display, and so may what
   stands for a tail number. #}
{% macro see_unread() -%}
    create or replace view {{ governance('unread') }} as
    {%- for files in graph.sources.values() | selectattr('name', 'equalto', 'loaded_files') | sort(attribute='source_name') %}
    select
        '{{ files.source_name }}' as source_name,
        _dlt_load_id as load_id,
        file,
        'rejected_row' as defect_type,
        cast(null as {{ dbt.type_string() }}) as column_name,
        split_part(reason, ':', 1) as rule,
        count(*) as defect_count,
        concat('line ', cast(min(line_number) as {{ dbt.type_string() }})) as example,
        cast(null as date) as defect_month
    from {{ files.relation_name | replace('loaded_files', 'quarantine') }}
    group by _dlt_load_id, file, split_part(reason, ':', 1)
    union all
    select
        '{{ files.source_name }}' as source_name,
        _dlt_load_id as load_id,
        file,
        'damaged_value' as defect_type,
        column_name,
        rule,
        value_count as defect_count,
        case when column_name not like '%tail%' then example end as example,
        month as defect_month
    from {{ files.relation_name | replace('loaded_files', 'damaged_values') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
