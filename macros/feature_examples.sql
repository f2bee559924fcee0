{# What an increment of a question's examples builds again: those of the dates whose flights changed or that were not kept
   before, and those predicted when a feature may have changed. #}
{% macro examples_to_build(question) -%}
    {%- set flights, events = ref('fct_flights'), ref('fct_flight_events') -%}
    {%- set instants = [
        instant_to_build_from(events, window_minutes('28d'), flights=events),
        instant_to_build_from(weather_changes(ref('int_weather_report_versions')), 2 * 1440),
    ] -%}
    {%- set dates = [flight_dates_to_build(events), dates_to_build(flights, 'flight_date', superseded=false)] -%}
    {{ return(in_partitions({
        'dates': none if none in dates else (dates | sum(start=[])) + missing_dates(question),
        'instant': none if none in instants else (instants | reject('equalto', '') | sort | first | default('')),
    }, 10 if 0 in question.horizons_minutes else 2)) }}
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


{# Changes of examples in terms of what an increment can replace.

   days_before: from how many days before its prediction a flight's local date can be: two, or ten where flights are waited
     for until they leave. #}
{% macro in_partitions(changes, days_before) -%}
    {{ return(adapter.dispatch('in_partitions')(changes, days_before)) }}
{%- endmacro %}

{% macro default__in_partitions(changes, days_before) -%}
    {{ return(changes) }}
{%- endmacro %}


{% macro spark__in_partitions(changes, days_before) -%}
    {%- if not changes.instant -%}
        {{ return(changes) }}
    {%- endif -%}
    {%- set first = modules.datetime.date.fromisoformat(changes.instant[:10]) - modules.datetime.timedelta(days=days_before) -%}
    {{ return({'dates': whole_partitions(changes.dates + [(first, '2999-12-31')]), 'instant': ''}) }}
{%- endmacro %}


{% macro is_example_to_build(changes) -%}
    (
        {{ is_at_or_after('prediction_at', changes.instant) }}
        or {{ is_date_to_build('flight_date', changes.dates) }}
    )
{%- endmacro %}


{# Takes away the examples that an increment is about to build again, and those of months that are not kept any more; a
   pre-hook. #}
{% macro delete_examples_to_build() -%}
    {%- if is_incremental() -%}
        {%- set question = config.get('meta').question -%}
        {{ delete_rows(
            is_example_to_build(examples_to_build(question)) ~ ' or not (' ~ is_date_kept(question.name, 'flight_month') ~ ')'
        ) }}
    {%- endif -%}
{%- endmacro %}


{# From the YAML of a table of features: its maximum age in minutes. #}
{% macro maximum_age_minutes(features) -%}
    {{ return(features_node(features).config.meta.maximum_age_minutes if execute else 0) }}
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
{% macro can_be_in_force(known_at, changes, longest_horizon, maximum_age_minutes) -%}
    {%- set earliest = [] -%}
    {%- if changes.instant -%}
        {%- do earliest.append("cast('" ~ changes.instant ~ "' as timestamp)") -%}
    {%- endif -%}
    {%- for first, _ in changes.dates or [] -%}
        {# a local day that begins up to 14 hours before the UTC one, and a horizon, or a flight that leaves half a day early #}
        {%- do earliest.append(
            add_minutes("cast('" ~ first ~ "' as timestamp)", -1440 - [longest_horizon, 720] | max)
        ) -%}
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

   groups: for each group of features its relation, the keys that the spine shares with it, and the columns to take.
   joined: namespace whose `relation` is the spine.
   changes: what examples_to_build found, so that an increment reads only rows that can be in force.
   longest_horizon: minutes from the earliest prediction to the scheduled departure. #}
{% macro features_in_force(groups, joined, changes, longest_horizon) -%}
{%- for group, (features, keys, columns) in groups.items() %}
{%- set age = maximum_age_minutes(features.identifier) %}
{{ group }}_features as (

    select *
    from {{ features }}
    where {{ can_be_in_force('known_at', changes, longest_horizon, age) }}

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
