{# What of loaded files could not be read: rows that were left out, and values that are null. A view, made when a build begins.
   The text of a row is not shown, nor what stands for a tail number: they may tell of an aircraft whose owner opted out of
   display. #}
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
        md5(raw_text) as text_hash,
        case when reason like '%tail%' then split_part(reason, ':', 1) else reason end as example,
        line_number,
        cast(1 as bigint) as defect_count
    from {{ files.relation_name | replace('loaded_files', 'quarantine') }}
    union all
    select
        '{{ files.source_name }}' as source_name,
        _dlt_load_id as load_id,
        file,
        'damaged_value' as defect_type,
        column_name,
        rule,
        md5(file) as text_hash,
        case when column_name not like '%tail%' then example end as example,
        cast(null as bigint) as line_number,
        value_count as defect_count
    from {{ files.relation_name | replace('loaded_files', 'damaged_values') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
