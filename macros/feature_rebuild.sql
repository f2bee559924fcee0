{# From which instant on an incremental model of features has to be built again, because of facts that completed loads
   brought after those that it holds.
   Watermark: the newest `loaded_at` in the model. A load of the last `lookback_hours` before it that the model does
   not hold counts as newer, too, which allows for the clocks of several loaders.
   How late facts may come: any. A new fact changes features from its `known_at` on, and one that it corrects up to
   `reach_minutes` after that one occurred: what lies before the least of these instants stays as it is.
   Backfill: the variable `backfill_start` names a local date; everything from the day before it on is built again.
   Returns none when everything has to be built, '' when nothing has, else the instant as text.

   facts: relation with `occurred_at`, `known_at`, `superseded_at` and `loaded_at`.
   reach_minutes: the longest time after it occurred for which a fact counts.
   consumed: the model's column of loads that is compared. #}
{% macro rebuild_instant(facts, reach_minutes, consumed='loaded_at') -%}
    {%- if not is_incremental() -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(partition_start(or_backfilled(changed_instant(facts, reach_minutes, consumed)))) }}
{%- endmacro %}


{# The first of the loads that the model does not hold yet; none when it holds them all. #}
{% macro first_new_load(facts, consumed) -%}
    {%- set newest_load = single_value('select max(' ~ consumed ~ ') as newest_load from ' ~ this) -%}
    {%- if newest_load is none -%}
        {{ return(single_value('select min(loaded_at) as first_load from ' ~ facts)) }}
    {%- endif -%}
    {%- set lookback = add_minutes("cast('" ~ newest_load ~ "' as timestamp)", -60 * var('lookback_hours')) -%}
    {%- set query -%}
        select min(loaded_at) as first_load
        from (
            select loaded_at
            from {{ facts }}
            where loaded_at > {{ lookback }}
            group by 1
        ) as newest
        where
            loaded_at not in (
                select held.{{ consumed }} from {{ this }} as held where held.{{ consumed }} > {{ lookback }} group by 1
            )
    {%- endset -%}
    {{ return(single_value(query)) }}
{%- endmacro %}


{% macro or_backfilled(changed_from) -%}
    {%- set changed_from = changed_from | string if changed_from else '' -%}
    {%- if var('backfill_start') is none -%}
        {{ return(changed_from) }}
    {%- endif -%}
    {%- set backfilled_from = single_value(
        'select ' ~ add_minutes("cast('" ~ var('backfill_start') ~ "' as timestamp)", -1440) ~ ' as instant'
    ) | string -%}
    {{ return([backfilled_from, changed_from or backfilled_from] | min) }}
{%- endmacro %}


{# The first instant that an increment which begins at an instant can replace; '' for none. #}
{% macro partition_start(instant) -%}
    {{ return(adapter.dispatch('partition_start')(instant)) }}
{%- endmacro %}

{% macro default__partition_start(instant) -%}
    {{ return(instant) }}
{%- endmacro %}

{% macro spark__partition_start(instant) -%}
    {{ return(instant and instant[:7] ~ '-01 00:00:00') }}
{%- endmacro %}


{% macro changed_instant(facts, reach_minutes, consumed) -%}
    {%- set first_load = first_new_load(facts, consumed) -%}
    {%- if first_load is none -%}
        {{ return(none) }}
    {%- endif -%}
    {# a load that is older than one held already makes corrections of that one's first versions #}
    {%- set newest_load = single_value('select max(' ~ consumed ~ ') as newest_load from ' ~ this) -%}
    {%- set is_late = newest_load is not none and first_load < newest_load -%}
    {%- set query -%}
        select min(changed_at) as changed_at
        from (
            select {{ 'occurred_at' if is_late else 'known_at' }} as changed_at
            from {{ facts }}
            where
                loaded_at >= cast('{{ first_load }}' as timestamp)
                {%- if not is_late %}
                and known_at < {{ add_minutes('occurred_at', reach_minutes) }}
                and (superseded_at is null or known_at < superseded_at)
                {%- endif %}

            union all

            select superseded_at as changed_at
            from {{ facts }}
            where
                superseded_at >= cast('{{ first_load }}' as timestamp)
                and superseded_at < {{ add_minutes('occurred_at', reach_minutes) }}
        ) as changes
    {%- endset -%}
    {{ return(single_value(query)) }}
{%- endmacro %}


{# True at and after the instant that rebuild_instant found. #}
{% macro is_at_or_after(instant, rebuild_from) -%}
    {%- if rebuild_from is none -%}
        true
    {%- elif rebuild_from == '' -%}
        false
    {%- else -%}
        {{ instant }} >= cast('{{ rebuild_from }}' as timestamp)
    {%- endif -%}
{%- endmacro %}


{# True for what happened at most so many minutes before the instant that rebuild_instant found. #}
{% macro can_reach(instant, rebuild_from, reach_minutes) -%}
    {%- if rebuild_from -%}
        {{ instant }} >= {{ add_minutes("cast('" ~ rebuild_from ~ "' as timestamp)", -reach_minutes) }}
    {%- else -%}
        {{ is_at_or_after(instant, rebuild_from) }}
    {%- endif -%}
{%- endmacro %}


{# Makes room for what an increment is about to build again; a pre-hook of incremental models of features. The arguments are
   those of rebuild_instant. #}
{% macro drop_changed(facts, reach_minutes) -%}
    {%- set rebuild_from = rebuild_instant(facts, reach_minutes) -%}
    {%- if rebuild_from -%}
        {{ make_room(is_at_or_after('known_at', rebuild_from)) }}
    {%- endif -%}
{%- endmacro %}


{# Versions of weather reports as rebuild_instant takes them, by the day: the station's reports of an hour take the place of
   the sample's copy of it, whatever their minutes. #}
{% macro weather_changes(versions) -%}
    (
        select
            {{ instant_trunc('day', 'observed_at') }} as occurred_at,
            {{ instant_trunc('day', 'known_at') }} as known_at,
            superseded_at,
            loaded_at
        from {{ versions }}
    ) as weather_changes
{%- endmacro %}
