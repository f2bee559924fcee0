{# The end of a source's newest run that did not fail, whether or not it found anything new: what source freshness asks.
   A source that was never asked for is not in use, so it is as fresh as can be; one whose runs all failed has no date. #}
{% macro newest_successful_run(source_name) -%}
    select
        case
            when count(*) = 0 then {{ utc_instant('current_timestamp') }}
            else max(case when status <> 'failed' then ended_at end)
        end
    from {{ builtins.source('ops', 'ingest_runs') }}
    where source = '{{ source_name }}'
{%- endmacro %}
