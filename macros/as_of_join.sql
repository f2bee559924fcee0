{# The rows of a spine, each with the feature row in force at its instant: the newest with `known_at` at or before it.

   spine             relation or CTE; every row of it is returned once, whatever it finds
   features          relation or CTE with one row per key and `known_at`
   keys              names that both sides share, or a mapping of the spine's names to those of the features;
                     a null key finds nothing
   instant           the spine's UTC instant
   columns           the feature columns to take
   prefix            the entity's name: a column comes out as `<prefix>__<column>`, with `<prefix>__known_at` beside it
   known_at          the instant from which a feature row holds
   event_at          where a row's event time differs from the instant at which it became known: the row in force is
                     that of the latest event that was visible, in its newest version
   max_age_minutes   an older row gives nulls; `<prefix>__age_minutes` tells the age all the same
   order_by          the spine's column in whose order the rows come back; none for any order #}
{% macro as_of_join(
    spine, features, keys, instant, columns, prefix, known_at='known_at', event_at=none, max_age_minutes=none,
    order_by=none
) -%}
    {%- set pairs = keys.items() | list if keys is mapping else [] -%}
    {%- if keys is not mapping -%}
        {%- for key in keys -%}
            {%- do pairs.append((key, key)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(adapter.dispatch('as_of_join')(
        spine, features, pairs, instant, columns, prefix, known_at, event_at, max_age_minutes
    ) ~ (' order by spine.' ~ order_by if order_by else '')) }}
{%- endmacro %}


{# Finds for each key and instant of the spine the newest `known_at`, as a running maximum, and joins by equality. #}
{% macro default__as_of_join(
    spine, features, pairs, instant, columns, prefix, known_at, event_at, max_age_minutes
) -%}
    select
        spine.*,
        {{ as_of_columns(columns, prefix, 'spine.' ~ instant, 'feature.as_of_known_at', max_age_minutes) }}
    from {{ spine }} as spine
    left join (
        select distinct
            {%- for _, feature_key in pairs %}
            {{ feature_key }},
            {%- endfor %}
            as_of_instant,
            found_known_at
        from (
            select
                *,
                max(as_of_known_at) over (
                    partition by {% for _, feature_key in pairs %}{{ feature_key }}{{ ', ' if not loop.last }}{% endfor %}
                    order by as_of_instant, is_spine_row
                    rows between unbounded preceding and current row
                ) as found_known_at
            from (
                select
                    {%- for spine_key, feature_key in pairs %}
                    {{ spine_key }} as {{ feature_key }},
                    {%- endfor %}
                    {{ instant }} as as_of_instant,
                    1 as is_spine_row,
                    cast(null as timestamp) as as_of_known_at
                from {{ spine }}
                union all
                select
                    {%- for _, feature_key in pairs %}
                    {{ feature_key }},
                    {%- endfor %}
                    as_of_known_at as as_of_instant,
                    0 as is_spine_row,
                    as_of_known_at
                from ({{ as_of_visible(features, pairs, known_at, event_at) }}) as visible
            ) as merged
        ) as sought
        where is_spine_row = 1
    ) as found
        on
            {%- for spine_key, feature_key in pairs %}
            spine.{{ spine_key }} = found.{{ feature_key }} and
            {%- endfor %}
            spine.{{ instant }} = found.as_of_instant
    left join ({{ as_of_visible(features, pairs, known_at, event_at) }}) as feature
        on
            {%- for _, feature_key in pairs %}
            found.{{ feature_key }} = feature.{{ feature_key }} and
            {%- endfor %}
            found.found_known_at = feature.as_of_known_at
{%- endmacro %}

{% macro duckdb__as_of_join(
    spine, features, pairs, instant, columns, prefix, known_at, event_at, max_age_minutes
) -%}
    select
        spine.*,
        {{ as_of_columns(columns, prefix, 'spine.' ~ instant, 'feature.as_of_known_at', max_age_minutes) }}
    from {{ spine }} as spine
    asof left join ({{ as_of_visible(features, pairs, known_at, event_at) }}) as feature
        on
            {%- for spine_key, feature_key in pairs %}
            spine.{{ spine_key }} = feature.{{ feature_key }} and
            {%- endfor %}
            spine.{{ instant }} >= feature.as_of_known_at
{%- endmacro %}


{# In one pass: rows of the spine and of the features in the order of their instants, and to each the last feature row before
   it. Each side is one value with all its columns, so that neither has to be joined to again. #}
{% macro spark__as_of_join(
    spine, features, pairs, instant, columns, prefix, known_at, event_at, max_age_minutes
) -%}
    select
        spine.* except (feature),
        {{ as_of_columns(columns, prefix, 'spine.' ~ instant, 'feature.as_of_known_at', max_age_minutes) }}
    from (
        select
            spine_row.*,
            feature
        from (
            select
                spine_row,
                last_value(feature_row, true) over (
                    partition by
                        {%- for _, feature_key in pairs %}
                        as_of_{{ feature_key }}{{ ',' if not loop.last }}
                        {%- endfor %}
                    order by as_of_instant, is_spine_row
                    rows between unbounded preceding and current row
                ) as feature
            from (
                select
                    {%- for spine_key, feature_key in pairs %}
                    {{ spine_key }} as as_of_{{ feature_key }},
                    {%- endfor %}
                    {{ instant }} as as_of_instant,
                    1 as is_spine_row,
                    struct(spine.*) as spine_row,
                    null as feature_row
                from {{ spine }} as spine
                union all
                select
                    {%- for _, feature_key in pairs %}
                    {{ feature_key }} as as_of_{{ feature_key }},
                    {%- endfor %}
                    as_of_known_at as as_of_instant,
                    0 as is_spine_row,
                    null as spine_row,
                    struct(as_of_known_at, {{ columns | join(', ') }}) as feature_row
                from ({{ as_of_visible(features, pairs, known_at, event_at) }}) as visible
                where
                    {%- for _, feature_key in pairs %}
                    {{ feature_key }} is not null{{ ' and' if not loop.last }}
                    {%- endfor %}
            ) as merged
        ) as sought
        where spine_row is not null
    ) as spine
{%- endmacro %}


{# One look into the index for each row of the spine: features are to be indexed by their keys and `known_at`. Those with an
   event time of their own are few, and their frontier has no index. #}
{% macro postgres__as_of_join(
    spine, features, pairs, instant, columns, prefix, known_at, event_at, max_age_minutes
) -%}
    {%- if event_at is not none -%}
    {{ return(default__as_of_join(
        spine, features, pairs, instant, columns, prefix, known_at, event_at, max_age_minutes
    )) }}
    {%- endif -%}
    select
        spine.*,
        {{ as_of_columns(columns, prefix, 'spine.' ~ instant, 'feature.' ~ known_at, max_age_minutes) }}
    from {{ spine }} as spine
    left join lateral (
        select *
        from {{ features }} as found
        where
            {%- for spine_key, feature_key in pairs %}
            found.{{ feature_key }} = spine.{{ spine_key }} and
            {%- endfor %}
            found.{{ known_at }} <= spine.{{ instant }}
        order by found.{{ known_at }} desc
        limit 1
    ) as feature on true
{%- endmacro %}


{% macro as_of_columns(columns, prefix, instant, known_at, max_age_minutes) -%}
    {%- for column in columns %}
    {%- if max_age_minutes is none %}
    feature.{{ column }} as {{ prefix }}__{{ column }},
    {%- else %}
    case when {{ instant }} <= {{ add_minutes(known_at, max_age_minutes) }} then feature.{{ column }} end
        as {{ prefix }}__{{ column }},
    {%- endif %}
    {%- endfor %}
    {%- if max_age_minutes is not none %}
    {{ minutes_between(known_at, instant) }} as {{ prefix }}__age_minutes,
    {%- endif %}
    {{ known_at }} as {{ prefix }}__known_at
{%- endmacro %}


{# The rows as they come into view, one per key and instant. With an event time of its own a row is visible from the
   later of the two instants, and is left out where a later event was visible before: the frontier of what is known. #}
{% macro as_of_visible(features, pairs, known_at, event_at) -%}
    {%- if event_at is none -%}
    select
        *,
        {{ known_at }} as as_of_known_at
    from {{ features }}
    {%- else -%}
    {%- set keys -%}
        {%- for _, feature_key in pairs %}{{ feature_key }}{{ ', ' if not loop.last }}{% endfor -%}
    {%- endset -%}
    select *
    from (
        select
            *,
            max({{ event_at }}) over (
                partition by {{ keys }}
                order by as_of_known_at
                rows between unbounded preceding and current row
            ) as latest_event_at
        from (
            select
                *,
                row_number() over (
                    partition by {{ keys }}, as_of_known_at
                    order by {{ event_at }} desc, {{ known_at }} desc
                ) as as_of_rank
            from (
                select
                    *,
                    {{ latest_of([event_at, known_at]) }} as as_of_known_at
                from {{ features }}
            ) as dated
        ) as ranked
        where as_of_rank = 1
    ) as running
    where {{ event_at }} = latest_event_at
    {%- endif -%}
{%- endmacro %}
