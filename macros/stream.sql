{# The target `stream` builds the features, and what they are made of, as views over what a micro-batch touches. The processor
   (streaming/live) fills the relations that they read: raw tables with the records of the flights and stations that the
   batch is about, temporary tables with the versions of facts that are due, and with the sums that were carried over. The
   session's variables `features_after` and `features_until` bound the instants that a batch computes. #}


{% macro is_stream() -%}
    {{ return(target.name == 'stream') }}
{%- endmacro %}


{# The materialization of what increments add to elsewhere. #}
{% macro incremental_or_view() -%}
    {{ return('view' if is_stream() else 'incremental') }}
{%- endmacro %}


{# What a model of features counts: the relation, or in the stream those of its rows that are due. #}
{% macro counted(relation) -%}
    {%- if not is_stream() -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set due = batch_relation('due_' ~ relation.identifier) -%}
    {%- do create_batch_relation(due, 'select * from ' ~ relation) -%}
    {{ return(due) }}
{%- endmacro %}


{# In the stream, the packed sums of a model's entities as they stood at `features_after`; elsewhere none. #}
{% macro carried_sums() -%}
    {{ return(batch_relation('carried_' ~ model.name) if is_stream()) }}
{%- endmacro %}


{% macro create_carried_sums(carried, entity, packed_sums) -%}
    {%- set columns = ['cast(null as timestamp) as known_at'] -%}
    {%- for column in entity -%}
        {%- do columns.append('cast(null as ' ~ dbt.type_string() ~ ') as ' ~ column) -%}
    {%- endfor -%}
    {%- for column in packed_sums -%}
        {%- do columns.append('cast(null as bigint) as ' ~ column) -%}
    {%- endfor -%}
    {%- do create_batch_relation(carried, 'select ' ~ columns | join(', ')) -%}
{%- endmacro %}


{# True for an instant that a micro-batch computes. #}
{% macro is_due(instant) -%}
    {{ instant }} > cast(getvariable('features_after') as timestamp)
        and {{ instant }} <= cast(getvariable('features_until') as timestamp)
{%- endmacro %}


{% macro batch_relation(name) -%}
    {{ return(api.Relation.create(database='temp', schema='main', identifier=name)) }}
{%- endmacro %}


{# A view can be made only where the relations that it reads exist. #}
{% macro create_batch_relation(relation, rows) -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- do run_query(
            'create temp table if not exists ' ~ relation.identifier ~ ' as select * from (' ~ rows ~ ') as batch_rows limit 0'
        ) -%}
    {%- endif -%}
{%- endmacro %}
