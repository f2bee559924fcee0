{# Windowed features of a relation of facts as a step function: one row per entity and instant at which any value
   changes, exact until the next row. The window of length w at an instant T is (T - w, T].

   facts: relation or CTE, one row per version of a fact: the entity's columns, `occurred_at`, `known_at` (from when it
     could have been used), `superseded_at` (from when a correction holds instead, else null) and the
     integer columns that are summed. A version counts in a window of length w during
     [known_at, least(occurred_at + w, superseded_at)): the old value until the correction, the new one from then on.
   entity: the columns that name the entity. Facts that lack one belong to none.
   measures: for each feature its column of the facts, to be summed, or a pair of them: the sum of the first is divided
     by that of the second, null where that is 0. Sums are integers, so every engine divides the same two numbers.
   windows: lengths as they are written in column names, 3h or 28d.
   build_from: instant that instant_to_build_from found; only rows from then on come out.
   carried: relation with one row per entity, of its columns, a `known_at` and packed sums by the names of the columns
     `pair_…` below: what all steps until `features_after` came to (see is_due). Only steps that are due are added to it,
     and the packed sums of each row come out beside its features, to be carried over. #}
{% macro rolling_features(facts, entity, measures, windows, build_from=none, carried=none) -%}
{%- set summed = [] -%}
{%- for measure in measures.values() -%}
    {%- for column in ([measure] if measure is string else measure) if column not in summed -%}
        {%- do summed.append(column) -%}
    {%- endfor -%}
{%- endfor -%}
{%- set pairs = summed | batch(2) | list -%}
{%- set packed_sums = [] -%}
{%- for window in windows -%}
    {%- for _ in pairs -%}
        {%- do packed_sums.append('pair_' ~ loop.index ~ '_' ~ window) -%}
    {%- endfor -%}
{%- endfor -%}
{%- if carried -%}
    {%- do create_carried_sums(carried, entity, packed_sums) -%}
{%- endif -%}
with

{# the end of a version in each window -#}
bounded as (

    select
        {{ entity | join(',\n        ') }},
        known_at,
        superseded_at,
        {%- for window in windows %}
        {{ window_end(window) }} as end_{{ window }},
        {%- endfor %}
        {%- for pair in pairs %}
        {{ packed(pair) }} as pair_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ facts }}
    where
        {%- for column in entity %}
        {{ column }} is not null
        {%- if not loop.last %} and{% endif %}
        {%- endfor %}

),

steps as (

    select
        {{ entity | join(',\n        ') }},
        known_at
        {%- for window in windows %}
        {%- for pair in pairs %},
        case when known_at < end_{{ window }} then pair_{{ loop.index }} else 0 end as pair_{{ loop.index }}_{{ window }}
        {%- endfor %}
        {%- endfor %}
    from bounded
    {%- if carried %}
    where {{ is_due('known_at') | indent(4) }}

    union all

    select
        {{ (entity + ['known_at'] + packed_sums) | join(',\n        ') }}
    from {{ carried }}
    {%- endif %}
    {%- for ending in windows %}

    union all

    select
        {{ entity | join(',\n        ') }},
        end_{{ ending }} as known_at
        {%- for window in windows %}
        {%- for pair in pairs %},
        {% if window == ending %}-pair_{{ loop.index }}{% else %}0{% endif %} as pair_{{ loop.index }}_{{ window }}
        {%- endfor %}
        {%- endfor %}
    from bounded
    where
        known_at < end_{{ ending }}
        {%- if carried %}
        and {{ is_due('end_' ~ ending) | indent(4) }}
        {%- endif %}
    {%- endfor %}

),

changes as (

    select
        {{ entity | join(',\n        ') }},
        known_at
        {%- for window in windows %}
        {%- for pair in pairs %},
        cast(sum(pair_{{ loop.index }}_{{ window }}) as bigint) as pair_{{ loop.index }}_{{ window }}
        {%- endfor %}
        {%- endfor %}
    from steps
    group by {{ entity | join(', ') }}, known_at
    having
        {%- for window in windows %}
        {%- set first_window = loop.first %}
        {%- for pair in pairs %}
        {{ 'or ' if not (first_window and loop.first) }}sum(pair_{{ loop.index }}_{{ window }}) <> 0
        {%- endfor %}
        {%- endfor %}

),

running as (

    select
        {{ entity | join(',\n        ') }},
        known_at
        {%- for window in windows %}
        {%- for pair in pairs %},
        cast(sum(pair_{{ loop.index }}_{{ window }}) over in_order as bigint) as pair_{{ loop.index }}_{{ window }}
        {%- endfor %}
        {%- endfor %}
    from changes
    window in_order as (
        {{ in_entity_order(entity, 'known_at', ends_at_zero=not carried) }} rows between unbounded preceding and current row
    )

),

sums as (

    select
        {{ entity | join(',\n        ') }},
        known_at
        {%- for window in windows %}
        {%- for pair in pairs %}
        {%- set pair_number = loop.index %}
        {%- for column in pair %},
        {{ unpacked('pair_' ~ pair_number ~ '_' ~ window, loop.first) }} as {{ column }}_{{ window }}
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        {%- if carried %},
        {{ packed_sums | join(',\n        ') }}
        {%- endif %}
    from running
    where {{ is_at_or_after('known_at', build_from) }}

)

select
    {{ entity | join(',\n    ') }}
    {%- for window in windows %}
    {%- for feature, measure in measures.items() %},
    {% if measure is string -%}
    {{ measure }}_{{ window }} as {{ feature }}_{{ window }}
    {%- else -%}
    {{ as_double(measure[0] ~ '_' ~ window) }} / nullif({{ as_double(measure[1] ~ '_' ~ window) }}, 0)
        as {{ feature }}_{{ window }}
    {%- endif %}
    {%- endfor %}
    {%- endfor %},
    {%- if carried %}
    {{ packed_sums | join(',\n    ') }},
    {%- endif %}
    known_at,
    {{ month_start('known_at') }} as known_month
from sums
{%- endmacro %}


{# Two integers in one, so that half as many columns have to be summed, which is what takes the time: the first in steps
   of 2^32. Sums stay apart while the first is within 2^30 and the second within 2^31, either side of 0. #}
{% macro packed(pair) -%}
    cast({{ pair[0] }} as bigint) * 4294967296
    {%- if pair | length > 1 %} + {{ pair[1] }}{% endif %}
{%- endmacro %}


{# One of the two again. What is added makes the sum positive, because engines disagree on dividing a negative one. #}
{% macro unpacked(pair, is_first) -%}
    {%- set positive = '(' ~ pair ~ ' + 4611686020574871552)' -%}
    {%- if is_first -%}
    cast(({{ positive }} - mod({{ positive }}, 4294967296)) / 4294967296 - 1073741824 as integer)
    {%- else -%}
    cast(mod({{ positive }}, 4294967296) - 2147483648 as integer)
    {%- endif -%}
{%- endmacro %}


{# The order of a running value of an entity. Where many partitions are dear, and nothing is taken over from one entity to the
   next, as by a sum that ends at 0, the entities follow one another in one. #}
{% macro in_entity_order(entity, order_by, ends_at_zero=true) -%}
    {{ return((adapter.dispatch('in_entity_order') if ends_at_zero else default__in_entity_order)(entity, order_by)) }}
{%- endmacro %}

{% macro default__in_entity_order(entity, order_by) -%}
    partition by {{ entity | join(', ') }} order by {{ order_by }}
{%- endmacro %}

{% macro duckdb__in_entity_order(entity, order_by) -%}
    order by {{ entity | join(', ') }}, {{ order_by }}
{%- endmacro %}


{# The instant at which a fact leaves a window: its age reaches the window's length, or a correction takes its place. #}
{% macro window_end(window) -%}
    {%- set end = add_minutes('occurred_at', window_minutes(window)) -%}
    case when superseded_at <= {{ end }} then superseded_at else {{ end }} end
{%- endmacro %}


{# Minutes of a window as it is written in column names: 3h is 180, 28d is 40320. #}
{% macro window_minutes(window) -%}
    {%- set minutes = {'h': 60, 'd': 1440}.get(window[-1:]) -%}
    {%- if minutes is none or not window[:-1].isdigit() -%}
        {{ exceptions.raise_compiler_error("A window is written in hours or days, like 3h or 28d, not '" ~ window ~ "'.") }}
    {%- endif -%}
    {{ return(window[:-1] | int * minutes) }}
{%- endmacro %}


{% macro as_double(expression) -%}
    cast({{ expression }} as {{ type_double() }})
{%- endmacro %}
