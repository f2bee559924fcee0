{# What an increment of examples builds again: those of the dates whose flights changed, and those predicted when a feature
   may have changed. #}
{% macro example_changes(events, reports) -%}
    {%- set instants = [
        rebuild_instant(events, window_minutes('28d')),
        rebuild_instant(weather_changes(reports), 2 * 1440, 'origin_weather__loaded_at'),
    ] -%}
    {{ return(in_partitions({
        'dates': dates_to_build(events, 'flight_date'),
        'instant': none if none in instants else (instants | reject('equalto', '') | sort | first | default('')),
    })) }}
{%- endmacro %}


{# Changes of examples in terms of what an increment can replace. #}
{% macro in_partitions(changes) -%}
    {{ return(adapter.dispatch('in_partitions')(changes)) }}
{%- endmacro %}

{% macro default__in_partitions(changes) -%}
    {{ return(changes) }}
{%- endmacro %}

{# A flight's local date is at most two days from its predictions. #}
{% macro spark__in_partitions(changes) -%}
    {%- if not changes.instant -%}
        {{ return(changes) }}
    {%- endif -%}
    {%- set first = modules.datetime.date.fromisoformat(changes.instant[:10]) - modules.datetime.timedelta(days=2) -%}
    {{ return({'dates': whole_partitions(changes.dates + [(first, '2999-12-31')]), 'instant': ''}) }}
{%- endmacro %}


{% macro is_example_to_build(changes) -%}
    (
        {{ is_at_or_after('prediction_at', changes.instant) }}
        or {{ is_date_to_build('flight_date', changes.dates) }}
    )
{%- endmacro %}


{# Makes room for the examples that an increment is about to build again. #}
{% macro drop_changed_examples(events, reports) -%}
    {%- if is_incremental() -%}
        {{ make_room(is_example_to_build(example_changes(events, reports))) }}
    {%- endif -%}
{%- endmacro %}


{# From the YAML of a table of features: its maximum age in minutes. #}
{% macro maximum_age_minutes(features) -%}
    {{ return(features_node(features).config.meta.maximum_age_minutes if execute else 0) }}
{%- endmacro %}


{# From the YAML of a table of features: its columns but for keys, `known_at` and `loaded_at`. #}
{% macro feature_columns(features) -%}
    {%- set columns = [] -%}
    {%- for column in (features_node(features).columns.values() if execute else []) if column.config.meta.feature_store is defined -%}
        {%- do columns.append(column.name) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{% macro features_node(features) -%}
    {{ return(graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('name', 'equalto', features) | first) }}
{%- endmacro %}


{# Minutes since an instant that a table of features keeps: what makes it a number that a model can use. #}
{% macro age_minutes(happened_at, instant) -%}
    {{ minutes_between(happened_at, instant) }}
{%- endmacro %}


{# True for rows of features that can be in force at a prediction that an increment builds, given their maximum age. #}
{% macro can_be_in_force(known_at, changes, maximum_age_minutes) -%}
    {%- set earliest = [] -%}
    {%- if changes.instant -%}
        {%- do earliest.append("cast('" ~ changes.instant ~ "' as timestamp)") -%}
    {%- endif -%}
    {%- for first, _ in changes.dates or [] -%}
        {# a day of horizon, and a local day that begins up to 14 hours before the UTC one #}
        {%- do earliest.append(add_minutes("cast('" ~ first ~ "' as timestamp)", -2 * 1440)) -%}
    {%- endfor -%}
    {%- if changes.instant is none -%}
        true
    {%- elif earliest | length == 0 -%}
        false
    {%- else -%}
        (
            {%- for instant in earliest %}
            {{ known_at }} >= {{ add_minutes(instant, -maximum_age_minutes) }}
            {%- if not loop.last %} or{% endif %}
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}


{# True where the features of a group that were in force at the prediction were not too old. #}
{% macro is_fresh(examples, group, maximum_age_minutes) -%}
    {{ examples }}.prediction_at <= {{ add_minutes(examples ~ '.' ~ group ~ '__known_at', maximum_age_minutes) }}
{%- endmacro %}


{# CTEs that join to the spine the features in force at its predictions, group by group; `joined.relation` is the last.

   groups: for each group of features its relation and the keys that the spine shares with it.
   joined: namespace whose `relation` is the spine.
   changes: what example_changes found, so that an increment reads only rows that can be in force. #}
{% macro features_in_force(groups, joined, changes) -%}
{%- for group, (features, keys) in groups.items() %}
{%- set age = maximum_age_minutes(features.identifier) %}
{%- set columns = feature_columns(features.identifier) + (['loaded_at'] if group == 'origin_weather' else []) %}
{{ group }}_features as (

    select *
    from {{ features }}
    where {{ can_be_in_force('known_at', changes, age) }}

),

with_{{ group }} as (

    {{ as_of_join(
        joined.relation, group ~ '_features', keys, 'prediction_at', columns, group, max_age_minutes=age
    ) | indent(4) }}

),
{%- set joined.relation = 'with_' ~ group %}
{% endfor %}
{%- endmacro %}


{# From when the features of a group were known, null where they are too old to count. #}
{% macro fresh_known_at(examples, group, maximum_age_minutes) -%}
    case
        when {{ is_fresh(examples, group, maximum_age_minutes) }} then {{ examples }}.{{ group }}__known_at
    end
{%- endmacro %}
