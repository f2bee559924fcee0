{# Minutes since local midnight of a clock time written as hhmm; 2400 is the end of the day, 2410 ten minutes later. #}
{% macro clock_minutes(hhmm) -%}
    (cast({{ hhmm }} as integer) - 40 * cast(floor(cast({{ hhmm }} as integer) / 100.0) as integer))
{%- endmacro %}


{# The instant so many minutes after another. #}
{% macro add_minutes(instant, minutes) -%}
    {{ return(adapter.dispatch('add_minutes')(instant, minutes)) }}
{%- endmacro %}

{% macro default__add_minutes(instant, minutes) -%}
    ({{ instant }} + ({{ minutes }}) * interval '1 minute')
{%- endmacro %}

{% macro spark__add_minutes(instant, minutes) -%}
    ({{ instant }} + make_dt_interval(0, 0, {{ minutes }}))
{%- endmacro %}


{# The instant so many microseconds after another. #}
{% macro add_microseconds(instant, microseconds) -%}
    {{ return(adapter.dispatch('add_microseconds')(instant, microseconds)) }}
{%- endmacro %}

{% macro default__add_microseconds(instant, microseconds) -%}
    ({{ instant }} + ({{ microseconds }}) * interval '1 microsecond')
{%- endmacro %}

{% macro spark__add_microseconds(instant, microseconds) -%}
    timestampadd(microsecond, {{ microseconds }}, {{ instant }})
{%- endmacro %}


{# Whole minutes from one instant to a later one. #}
{% macro minutes_between(earlier, later) -%}
    {{ return(adapter.dispatch('minutes_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__minutes_between(earlier, later) -%}
    cast(floor((extract(epoch from {{ later }}) - extract(epoch from {{ earlier }})) / 60) as integer)
{%- endmacro %}

{% macro spark__minutes_between(earlier, later) -%}
    cast(
        floor((unix_micros(cast({{ later }} as timestamp_ltz)) - unix_micros(cast({{ earlier }} as timestamp_ltz))) / 60000000)
        as integer
    )
{%- endmacro %}


{# Seconds since 1970-01-01 of a UTC instant, as an integer. #}
{% macro epoch_seconds(instant) -%}
    {{ return(adapter.dispatch('epoch_seconds')(instant)) }}
{%- endmacro %}

{% macro default__epoch_seconds(instant) -%}
    cast(floor(extract(epoch from {{ instant }})) as bigint)
{%- endmacro %}

{% macro spark__epoch_seconds(instant) -%}
    unix_seconds(cast({{ instant }} as timestamp_ltz))
{%- endmacro %}


{# Joins the offset from UTC that a time zone's clocks keep at a local time (`kept='local'`) or at a UTC instant (`kept='utc'`).
   The instant of a local time is that time less the offset; the local time of an instant is the instant plus the offset. #}
{% macro join_utc_offset(alias, time_zone, moment, kept) -%}
    left join (select * from {{ ref('int_time_zone_offsets') }}) as {{ alias }}
        on
            {{ time_zone }} = {{ alias }}.time_zone
            and extract(year from {{ moment }}) = {{ alias }}.year_number
            and {{ moment }} >= {{ alias }}.{{ kept }}_from
            and {{ moment }} < {{ alias }}.{{ kept }}_to
{%- endmacro %}


{# The UTC instant of a timestamp that carries a zone. #}
{% macro utc_instant(zoned) -%}
    {{ return(adapter.dispatch('utc_instant')(zoned)) }}
{%- endmacro %}

{% macro default__utc_instant(zoned) -%}
    ({{ zoned }} at time zone 'UTC')
{%- endmacro %}

{% macro spark__utc_instant(zoned) -%}
    cast({{ zoned }} as timestamp_ntz)
{%- endmacro %}


{# The type of instants that carry a zone. #}
{% macro type_zoned_timestamp() -%}
    {{ return(adapter.dispatch('type_zoned_timestamp')()) }}
{%- endmacro %}

{% macro default__type_zoned_timestamp() -%}
    timestamp with time zone
{%- endmacro %}

{% macro spark__type_zoned_timestamp() -%}
    timestamp_ltz
{%- endmacro %}


{# The date so many days after another, still a date. #}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days')(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    ({{ day }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    date_add({{ day }}, cast({{ days }} as integer))
{%- endmacro %}


{# The date of a year, a month and a day of the month. #}
{% macro date_from_parts(year, month, day) -%}
    {{ return(adapter.dispatch('date_from_parts')(year, month, day)) }}
{%- endmacro %}

{% macro default__date_from_parts(year, month, day) -%}
    make_date(cast({{ year }} as integer), cast({{ month }} as integer), cast({{ day }} as integer))
{%- endmacro %}


{# Minutes from one clock time to another as they follow on a dial: more than half a day before, at most half a day after. #}
{% macro dial_minutes(from_clock_minutes, to_clock_minutes) -%}
    (mod({{ to_clock_minutes }} - {{ from_clock_minutes }} + 719 + 2880, 1440) - 719)
{%- endmacro %}


{# Minutes since midnight of a local time. #}
{% macro minute_of_day(moment) -%}
    cast(extract(hour from {{ moment }}) * 60 + extract(minute from {{ moment }}) as integer)
{%- endmacro %}


{# The latest of some instants, nulls left out. #}
{% macro latest_of(instants) -%}
    {{ return(adapter.dispatch('latest_of')(instants)) }}
{%- endmacro %}

{% macro default__latest_of(instants) -%}
    greatest({{ instants | join(', ') }})
{%- endmacro %}


{# The instant or local time at which the hour or day of another began. #}
{% macro instant_trunc(unit, moment) -%}
    cast({{ dbt.date_trunc(unit, moment) }} as timestamp)
{%- endmacro %}


{# The first day of the month of a date or an instant. #}
{% macro month_start(moment) -%}
    cast({{ dbt.date_trunc('month', moment) }} as date)
{%- endmacro %}


{# A select of all days from one to another, both included, as `date_day`. #}
{% macro days_between(first, last) -%}
    {{ return(adapter.dispatch('days_between')(first, last)) }}
{%- endmacro %}

{% macro default__days_between(first, last) -%}
    select cast(day_at as date) as date_day
    from generate_series(
        cast('{{ first }}' as timestamp), cast('{{ last }}' as timestamp), interval '1 day'
    ) as days (day_at)
{%- endmacro %}

{% macro spark__days_between(first, last) -%}
    select explode(sequence(date '{{ first }}', date '{{ last }}')) as date_day
{%- endmacro %}


{# Day of the week, Monday 1 to Sunday 7. #}
{% macro iso_day_of_week(day) -%}
    {{ return(adapter.dispatch('iso_day_of_week')(day)) }}
{%- endmacro %}

{% macro default__iso_day_of_week(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}

{% macro spark__iso_day_of_week(day) -%}
    cast(extract(dayofweek_iso from {{ day }}) as integer)
{%- endmacro %}


{# The hour that a clock shows, 0 to 23. #}
{% macro hour_of_day(moment) -%}
    cast(extract(hour from {{ moment }}) as integer)
{%- endmacro %}
