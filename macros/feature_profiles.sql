{# What is profiled of a table of features, from its YAML, by the names that retrieved rows have: a number in SQL (none for
   text), and the limits that its `monitoring` sets in the place of the variable `feature_limits`. Of an instant it is the
   age at the end of the day. #}
{% macro profiled_features(features) -%}
    {%- set node = features_node(features) -%}
    {%- set found = {} -%}
    {%- if node -%}
        {%- set meta = node.config.meta -%}
        {%- set left_out = meta.feature_store.entity + ['known_at'] + meta.feature_store.get('exclude_columns', []) -%}
        {%- for name, column in node.columns.items() if name not in left_out -%}
            {%- set age_name = column.config.meta.get('age_name') -%}
            {%- do found.update({meta.entity_name ~ '__' ~ (age_name or name): {
                'column': name,
                'number': profiled_number(name, column.data_type),
                'null_share': feature_limit(meta, 'null_share', age_name or name),
                'psi': feature_limit(meta, 'psi', age_name or name),
            }}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}


{% macro profiled_number(column, data_type) -%}
    {%- if data_type == 'varchar' -%}
        {{ return(none) }}
    {%- elif data_type == 'boolean' -%}
        {{ return('case when ' ~ column ~ ' then 1 when not ' ~ column ~ ' then 0 end') }}
    {%- elif data_type == 'timestamp' -%}
        {{ return(minutes_between(column, add_minutes(instant_trunc('day', 'known_at'), 1440))) }}
    {%- endif -%}
    {{ return(column) }}
{%- endmacro %}


{# The limit of a feature: its own, else its table's, else the project's. #}
{% macro feature_limit(meta, kind, feature_name) -%}
    {%- set monitoring = meta.get('monitoring', {}) -%}
    {%- set of_table = monitoring.get(kind, var('feature_limits')[kind]) -%}
    {{ return(monitoring.get('features', {}).get(feature_name, {}).get(kind, of_table)) }}
{%- endmacro %}


{# How old a table's newest row may be at the end of a day, in minutes: what its `monitoring` says, else its maximum age. #}
{% macro allowed_age_minutes(features) -%}
    {%- set meta = features_node(features).config.meta if execute else {} -%}
    {{ return(meta.get('monitoring', {}).get('age_minutes', meta.get('maximum_age_minutes'))) }}
{%- endmacro %}


{# A mean to a millionth: sums of integers are the same on every engine, in whatever order. #}
{% macro mean_of(number) -%}
    {{ as_double('sum(cast(floor(' ~ as_double(number) ~ ' * 1000000 + 0.5) as bigint))') }} / nullif(count({{ number }}), 0) / 1000000
{%- endmacro %}


{# What is told of a number of each day, by the column's name. #}
{% macro profile_measures(number) -%}
    {{ return({
        'mean_value': mean_of(number),
        'p05_value': 'percentile_disc(0.05) within group (order by ' ~ number ~ ')',
        'median_value': 'percentile_disc(0.5) within group (order by ' ~ number ~ ')',
        'p95_value': 'percentile_disc(0.95) within group (order by ' ~ number ~ ')',
    }) }}
{%- endmacro %}


{# CTEs from a table of features to the profiles of its features on each of `days`; the last is `<features>_profiles`. Each
   table is read twice, whatever it has of features: a row with all measures of all features, which are then told apart.

   features: name of the table
   relation: where it is #}
{% macro profile_ctes(features, relation) -%}
{%- set node = features_node(features) if execute else none -%}
{%- set keys = node.config.meta.feature_store.entity if node else [] -%}
{%- set profiled = profiled_features(features) if execute else {} -%}
{%- set measures = profile_measures('number') -%}
{{ features }}_values as (

    select
        {%- for feature in profiled.values() %}
        {{ feature.column }} as held_{{ loop.index }},
        {{ as_double(feature.number or 'null') }} as number_{{ loop.index }},
        {%- endfor %}
        known_at
    from (
        select features.*
        from {{ relation }} as features
        inner join (
            select
                {%- for key in keys %}
                {{ key }},
                {%- endfor %}
                max(known_at) as known_at
            from {{ relation }}
            group by {% for key in keys %}{{ key }}, {% endfor %}cast(known_at as date)
        ) as newest
            on
                {%- for key in keys %}
                features.{{ key }} = newest.{{ key }} and
                {%- endfor %}
                features.known_at = newest.known_at
    ) as last_of_day

),

{{ features }}_days as (

    select
        {%- for _ in profiled %}
        {%- set number = loop.index %}
        count(held_{{ number }}) as value_count_{{ number }},
        {%- for name, expression in profile_measures('number_' ~ number).items() %}
        {{ expression }} as {{ name }}_{{ number }},
        {%- endfor %}
        {%- endfor %}
        cast(known_at as date) as known_date,
        count(*) as entity_count,
        max(known_at) as newest_known_at
    from {{ features }}_values
    group by cast(known_at as date)

),

{{ features }}_features as (
    {%- for name, feature in profiled.items() %}

    select
        {{ loop.index }} as feature_number,
        '{{ name }}' as feature_name,
        {{ as_double(feature.null_share) }} as allowed_null_share,
        {{ as_double(feature.psi) }} as allowed_psi
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- else %}

    select
        1 as feature_number,
        '' as feature_name,
        {{ as_double('1') }} as allowed_null_share,
        {{ as_double('1') }} as allowed_psi
    {%- endfor %}

),

{{ features }}_profiles as (

    select
        '{{ features }}' as table_name,
        named.feature_name,
        daily.profile_date,
        coalesce(daily.entity_count, 0) as entity_count,
        case named.feature_number
            {%- for _ in profiled %}
            when {{ loop.index }} then daily.value_count_{{ loop.index }}
            {%- endfor %}
            else 0
        end as value_count,
        named.allowed_null_share,
        {%- for name in measures %}
        case named.feature_number
            {%- for _ in profiled %}
            when {{ loop.index }} then daily.{{ name }}_{{ loop.index }}
            {%- endfor %}
            else {{ as_double('null') }}
        end as {{ name }},
        {%- endfor %}
        named.allowed_psi,
        daily.newest_known_at,
        cast({{ allowed_age_minutes(features) or 'null' }} as integer) as allowed_age_minutes
    from (
        select
            'every day' as joined_by,
            days.profile_date,
            max(told.newest_known_at) over (order by days.profile_date) as newest_known_at,
            {%- for _ in profiled %}
            {%- set number = loop.index %}
            told.value_count_{{ number }},
            {%- for name in measures %}
            told.{{ name }}_{{ number }},
            {%- endfor %}
            {%- endfor %}
            told.entity_count
        from days
        left join {{ features }}_days as told on days.profile_date = told.known_date
    ) as daily
    inner join (select 'every day' as joined_by, {{ features }}_features.* from {{ features }}_features) as named
        on daily.joined_by = named.joined_by

)
{%- endmacro %}
