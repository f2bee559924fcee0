{# What an increment has to build again. The ledger says what the model holds and what its inputs hold; what they hold and it
   does not is new: files, and editions of the airports and of the clock rules. `backfill_start` and `backfill_end` name
   dates on top. #}


{# What the model holds, with the inputs' state under `inputs`, where an increment can lead from one to the other. #}
{% macro vouched_state() -%}
    {%- set key = 'held by ' ~ model.unique_id -%}
    {%- if key not in build_memory() -%}
        {%- set held = ledger().get(model.name) -%}
        {%- do build_memory().update({
            key: dict(held, inputs=inputs_state()) if held is not none and can_follow(held, inputs_state()) else none
        }) -%}
    {%- endif -%}
    {{ return(build_memory()[key]) }}
{%- endmacro %}


{% macro can_follow(held, inputs) -%}
    {{ return(
        held.excluded_aircraft == inputs.excluded_aircraft
        and held.plausible_values == inputs.plausible_values
        and 'mixed' not in (held.airports_edition, held.clock_rules_edition, inputs.airports_edition, inputs.clock_rules_edition)
        and visible_state(held.load_number).load_set == held.load_set
        and (held.airports_edition == inputs.airports_edition or not stations_moved(held, inputs))
    ) }}
{%- endmacro %}


{# What the model holds, with the inputs' state under `inputs`; none where everything is built. #}
{% macro held_state() -%}
    {%- if not is_incremental() -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(vouched_state()) }}
{%- endmacro %}


{# Ranges of dates, each with its first and last, that an increment builds again; none when everything is to be built.

   changed: relation in which new rows are found by `load_number`, and rows that came to their end by
     `superseded_load_number`, where it has that.
   date_column: its dates.
   airports: its columns of airports, whose clocks may be told otherwise by another edition.
   months: relation of months that files replaced as a whole, with `load_number`. #}
{% macro dates_to_build(changed, date_column, airports=[], superseded=true, months=none) -%}
    {%- set key = 'dates of ' ~ changed ~ ' for ' ~ model.unique_id -%}
    {%- if key not in build_memory() -%}
        {%- do build_memory().update({key: find_dates_to_build(changed, date_column, airports, superseded, months)}) -%}
    {%- endif -%}
    {{ return(build_memory()[key]) }}
{%- endmacro %}


{% macro find_dates_to_build(changed, date_column, airports, superseded, months) -%}
    {%- set held = held_state() -%}
    {%- if held is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set days -%}
        select {{ date_column }} as date_day
        from {{ changed }}
        where load_number > {{ held.load_number }}{% if superseded %} or superseded_load_number > {{ held.load_number }}{% endif %}
        {%- if months %}
        union all
        select dates.date_day
        from ({{ days_between('1987-01-01', '2037-12-31') }}) as dates
        inner join {{ months }} as months
            on {{ month_start('dates.date_day') }} = months.flight_month
        where months.load_number > {{ held.load_number }}
        {%- endif %}
        {%- if clocks_changed(held) %}{% for airport in airports %}
        union all
        select changed.{{ date_column }} as date_day
        from {{ changed }} as changed
        inner join ({{ changed_clocks(held) }}) as clocks
            on
                changed.{{ airport }} = clocks.airport_code
                and clocks.year_number >= extract(year from {{ add_days('changed.' ~ date_column, -1) }})
                and clocks.year_number <= extract(year from {{ add_days('changed.' ~ date_column, 1) }})
        {%- endfor %}{% endif %}
    {%- endset -%}
    {%- set ranges = [] -%}
    {%- for row in run_query(date_ranges(days)) if row[0] -%}
        {%- do ranges.append((row[0], row[1])) -%}
    {%- endfor -%}
    {%- if var('backfill_start') is not none -%}
        {%- do ranges.append((first_day_of(var('backfill_start')), last_day_of(var('backfill_end') or var('backfill_start')))) -%}
    {%- endif -%}
    {{ return(whole_partitions(ranges)) }}
{%- endmacro %}


{# The same for flights: their airports' clocks count.

   month_files: where `changed` are records as they were loaded, the months that files replaced as a whole. #}
{% macro flight_dates_to_build(changed, month_files=none) -%}
    {{ return(dates_to_build(
        changed, 'flight_date', airports=['origin_airport_code', 'destination_airport_code'],
        superseded=month_files is none, months=month_files
    )) }}
{%- endmacro %}


{# The first and last day of each run of days; a pause of up to a week does not end one. #}
{% macro date_ranges(days) -%}
    select min(date_day) as first_date, max(date_day) as last_date
    from (
        select date_day, sum(begins) over (order by date_day) as range_number
        from (
            select
                date_day,
                case when date_day <= {{ add_days('lag(date_day) over (order by date_day)', 7) }} then 0 else 1 end as begins
            from (select date_day from ({{ days }}) as named group by date_day) as days
        ) as marked
    ) as numbered
    group by range_number
    order by 1
{%- endmacro %}


{# True for dates that dates_to_build found. #}
{% macro is_date_to_build(date_column, dates) -%}
    {%- if dates is none -%}
        true
    {%- elif dates | length == 0 -%}
        false
    {%- else -%}
        (
            {%- for first, last in dates %}
            {{ date_column }} between cast('{{ first }}' as date) and cast('{{ last }}' as date)
            {%- if not loop.last %} or{% endif %}
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}


{# From which instant on an increment of features has to be built again: from where the first fact came or went that its
   inputs hold otherwise than it does. A new version counts from its `known_at` and takes from the one before it what that
   one counted from then on; so what lies before stays as it is, and what nobody counts any more changes nothing.
   None when everything is to be built, '' when nothing is, else the instant as text.

   facts: relation with `occurred_at`, `known_at`, `superseded_at`, `load_number` and `superseded_load_number`.
   reach_minutes: the longest time after it occurred for which a fact counts.
   flights: relation of flights whose airports' clocks may be told otherwise by another edition. #}
{% macro instant_to_build_from(facts, reach_minutes, flights=none) -%}
    {%- set key = 'instant of ' ~ facts ~ ' for ' ~ model.unique_id -%}
    {%- if key not in build_memory() -%}
        {%- do build_memory().update({key: find_instant_to_build_from(facts, reach_minutes, flights)}) -%}
    {%- endif -%}
    {{ return(build_memory()[key]) }}
{%- endmacro %}


{% macro find_instant_to_build_from(facts, reach_minutes, flights) -%}
    {%- set held = held_state() -%}
    {%- if held is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set query -%}
        select min(changed_at) as changed_at
        from (
            select known_at as changed_at
            from {{ facts }}
            where load_number > {{ held.load_number }} and known_at < {{ add_minutes('occurred_at', reach_minutes) }}
            union all
            select superseded_at as changed_at
            from {{ facts }}
            where
                superseded_load_number > {{ held.load_number }}
                and superseded_at < {{ add_minutes('occurred_at', reach_minutes) }}
            {%- if flights and clocks_changed(held) %}{% for airport in ('origin_airport_code', 'destination_airport_code') %}
            union all
            select {{ add_minutes('cast(changed.flight_date as timestamp)', -1440) }} as changed_at
            from {{ flights }} as changed
            inner join ({{ changed_clocks(held) }}) as clocks
                on
                    changed.{{ airport }} = clocks.airport_code
                    and clocks.year_number >= extract(year from {{ add_days('changed.flight_date', -1) }})
                    and clocks.year_number <= extract(year from {{ add_days('changed.flight_date', 1) }})
            {%- endfor %}{% endif %}
            {%- if var('backfill_start') is not none %}
            union all
            select {{ add_minutes("cast('" ~ first_day_of(var('backfill_start')) ~ "' as timestamp)", -1440) }} as changed_at
            {%- endif %}
        ) as changes
    {%- endset -%}
    {%- set instant = single_value(query) -%}
    {{ return(instant_of_partition(instant | string if instant else '')) }}
{%- endmacro %}


{# True at and after the instant that instant_to_build_from found; in the stream, for what is due. #}
{% macro is_at_or_after(instant, build_from) -%}
    {%- if is_stream() -%}
        {{ is_due(instant) }}
    {%- elif build_from is none -%}
        true
    {%- elif build_from == '' -%}
        false
    {%- else -%}
        {{ instant }} >= cast('{{ build_from }}' as timestamp)
    {%- endif -%}
{%- endmacro %}


{# True for what happened at most so many minutes before the instant that instant_to_build_from found. #}
{% macro counts_from(instant, build_from, reach_minutes) -%}
    {%- if build_from -%}
        {{ instant }} >= {{ add_minutes("cast('" ~ build_from ~ "' as timestamp)", -reach_minutes) }}
    {%- else -%}
        {{ 'true' if build_from is none else 'false' }}
    {%- endif -%}
{%- endmacro %}
