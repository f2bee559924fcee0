{# What an increment of examples builds again: those of the dates whose flights changed, and those predicted when a feature
   may have changed. #}
{% macro examples_to_build(flights, events, reports) -%}
    {%- set instants = [
        instant_to_build_from(events, window_minutes('28d'), flights=events),
        instant_to_build_from(weather_changes(reports), 2 * 1440),
    ] -%}
    {%- set dates = [flight_dates_to_build(events), dates_to_build(flights, 'flight_date', superseded=false)] -%}
    {{ return(in_partitions({
        'dates': none if none in dates else dates | sum(start=[]),
        'instant': none if none in instants else (instants | reject('equalto', '') | sort | first | default('')),
    })) }}
{%- endmacro %}


{# Versions of weather reports as instant_to_build_from takes them, by the day: the station's reports of an hour take the
   place of the sample's copy of it, whatever their minutes. #}
{% macro weather_changes(versions) -%}
    (
        select
            {{ instant_trunc('day', 'observed_at') }} as occurred_at,
            {{ instant_trunc('day', 'case when version_number = 1 then observed_at else known_at end') }} as known_at,
            superseded_at,
            load_number,
            superseded_load_number
        from {{ versions }}
    ) as weather_changes
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


{# Takes away the examples that an increment is about to build again; a pre-hook. #}
{% macro delete_examples_to_build(flights, events, reports) -%}
    {%- if is_incremental() -%}
        {{ delete_rows(is_example_to_build(examples_to_build(flights, events, reports))) }}
    {%- endif -%}
{%- endmacro %}


{# From the YAML of a table of features: its maximum age in minutes. #}
{% macro maximum_age_minutes(features) -%}
    {{ return(features_node(features).config.meta.maximum_age_minutes if execute else 0) }}
{%- endmacro %}


{# From the YAML of a table of features: its columns but for keys and `known_at`. #}
{% macro feature_columns(features) -%}
    {%- set columns = [] -%}
    {%- for column in (features_node(features).columns.values() if execute else []) if column.config.meta.feature_store is defined -%}
        {%- do columns.append(column.name) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{# From the YAML of a table of features: what the minutes since each of its instants are called, by column. #}
{% macro age_names(features) -%}
    {%- set names = {} -%}
    {%- for column in (features_node(features).columns.values() if execute else []) if column.config.meta.age_name is defined -%}
        {%- do names.update({column.name: column.config.meta.age_name}) -%}
    {%- endfor -%}
    {{ return(names) }}
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
   changes: what examples_to_build found, so that an increment reads only rows that can be in force. #}
{% macro features_in_force(groups, joined, changes) -%}
{%- for group, (features, keys) in groups.items() %}
{%- set age = maximum_age_minutes(features.identifier) %}
{%- set columns = feature_columns(features.identifier) %}
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
