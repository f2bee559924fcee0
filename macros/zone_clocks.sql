{# What is known of a zone's clocks around a moment: the stretch of time with one offset from UTC that holds it, and the
   offsets before and after. It answers for all moments within three weeks, in which no clock changes twice, so that one join
   serves all times of a flight.

   alias: row of int_time_zone_offsets, as join_utc_offset joins it.
   clock: name that the columns begin with. #}
{% macro clock_columns(alias, clock) -%}
    {{ alias }}.utc_from as {{ clock }}_utc_from,
        {{ alias }}.utc_to as {{ clock }}_utc_to,
        {{ alias }}.earlier_utc_offset_minutes as {{ clock }}_earlier_utc_offset_minutes,
        {{ alias }}.utc_offset_minutes as {{ clock }}_utc_offset_minutes,
        {{ alias }}.later_utc_offset_minutes as {{ clock }}_later_utc_offset_minutes
{%- endmacro %}


{# What a clock shows at an instant. #}
{% macro local_time(instant, clock) -%}
    {{ add_minutes(instant, 'case
            when ' ~ instant ~ ' < ' ~ clock ~ '_utc_from then ' ~ clock ~ '_earlier_utc_offset_minutes
            when ' ~ instant ~ ' >= ' ~ clock ~ '_utc_to then ' ~ clock ~ '_later_utc_offset_minutes
            else ' ~ clock ~ '_utc_offset_minutes
        end') }}
{%- endmacro %}


{# The instant at which a clock shows a time: the later one where it shows it twice; a time that it skips is moved on by
   what is skipped. #}
{% macro last_instant_of(local, clock) -%}
    {{ add_minutes(local, '-case
            when ' ~ local ~ ' < ' ~ add_minutes(clock ~ '_utc_from', clock ~ '_utc_offset_minutes') ~ '
                then ' ~ clock ~ '_earlier_utc_offset_minutes
            when ' ~ local ~ ' >= ' ~ add_minutes(clock ~ '_utc_to', clock ~ '_later_utc_offset_minutes') ~ '
                then ' ~ clock ~ '_later_utc_offset_minutes
            else ' ~ clock ~ '_utc_offset_minutes
        end') }}
{%- endmacro %}


{# How many minutes earlier the clock showed the same time once before, 0 for a time that it shows but once. #}
{% macro minutes_since_first_showing(local, clock) -%}
    case
            when
                {{ local }} >= {{ add_minutes(clock ~ '_utc_from', clock ~ '_utc_offset_minutes') }}
                and {{ local }} < {{ add_minutes(clock ~ '_utc_from', clock ~ '_earlier_utc_offset_minutes') }}
                then {{ clock }}_earlier_utc_offset_minutes - {{ clock }}_utc_offset_minutes
            when
                {{ local }} >= {{ add_minutes(clock ~ '_utc_to', clock ~ '_later_utc_offset_minutes') }}
                and {{ local }} < {{ add_minutes(clock ~ '_utc_to', clock ~ '_utc_offset_minutes') }}
                then {{ clock }}_utc_offset_minutes - {{ clock }}_later_utc_offset_minutes
            else 0
        end
{%- endmacro %}


{# Of two instants at which a clock showed the same, that for which the first of some tests speaks that tells them apart; the
   later where none does.

   later_at: column of the later instant.
   minutes_apart: column of the minutes from the earlier to the later, 0 where there is but one.
   tests: conditions, best first, with `@` where the instant stands. #}
{% macro showing_that_fits(later_at, minutes_apart, tests) -%}
    {%- set earlier_at = add_minutes(later_at, '-' ~ minutes_apart) -%}
    case
            when {{ minutes_apart }} = 0 then {{ later_at }}
            {%- for test in tests %}
            when ({{ test | replace('@', earlier_at) }})
                and not coalesce({{ test | replace('@', later_at) }}, false)
                then {{ earlier_at }}
            when ({{ test | replace('@', later_at) }})
                and not coalesce({{ test | replace('@', earlier_at) }}, false)
                then {{ later_at }}
            {%- endfor %}
            else {{ later_at }}
        end
{%- endmacro %}


{# The instant at which a clock shows a time; of two the one nearer to an instant, if it comes after the bound. #}
{% macro nearest_instant_of(local, clock, instant, after=none) -%}
    {%- set last_at = last_instant_of(local, clock) -%}
    {%- set minutes_apart = minutes_since_first_showing(local, clock) -%}
    {{ add_minutes(last_at, '-case
            when
                2 * ' ~ minutes_between(instant, last_at) ~ ' > ' ~ minutes_apart ~ (
                ' and ' ~ add_minutes(last_at, '-' ~ minutes_apart) ~ ' > ' ~ after if after else ''
                ) ~ '
                then ' ~ minutes_apart ~ '
            else 0
        end') }}
{%- endmacro %}
