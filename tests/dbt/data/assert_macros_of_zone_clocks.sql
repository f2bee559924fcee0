{# The macros of zone_clocks.sql around real clock changes: what the clock shows at an instant, the last instant at
   which it shows that, and how many minutes before it had shown the same. #}
{% set moments = [
    ('America/New_York', '2013-03-10 06:59:00', '2013-03-10 01:59:00', 0),
    ('America/New_York', '2013-03-10 07:00:00', '2013-03-10 03:00:00', 0),
    ('America/New_York', '2013-11-03 04:59:00', '2013-11-03 00:59:00', 0),
    ('America/New_York', '2013-11-03 06:00:00', '2013-11-03 01:00:00', 60),
    ('America/New_York', '2013-11-03 06:59:00', '2013-11-03 01:59:00', 60),
    ('America/New_York', '2013-11-03 07:00:00', '2013-11-03 02:00:00', 0),
    ('America/New_York', '1987-10-25 06:30:00', '1987-10-25 01:30:00', 60),
    ('America/New_York', '2006-10-29 06:30:00', '2006-10-29 01:30:00', 60),
    ('America/New_York', '2007-10-28 05:30:00', '2007-10-28 01:30:00', 0),
    ('America/New_York', '2007-11-04 06:30:00', '2007-11-04 01:30:00', 60),
    ('America/Phoenix', '2013-11-03 08:30:00', '2013-11-03 01:30:00', 0),
    ('Pacific/Guam', '2013-01-01 00:00:00', '2013-01-01 10:00:00', 0),
] %}

with

moments as (

    {% for time_zone, instant, local, minutes in moments %}
        select
            '{{ time_zone }}' as time_zone,
            cast('{{ instant }}' as timestamp) as instant,
            cast('{{ local }}' as timestamp) as expected_local,
            {{ minutes }} as expected_minutes
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- a flight's clock is looked up once: it answers for days before and after, too
lookups as (

    {% for days in (-3, 0, 3) %}
        select
            time_zone,
            instant,
            expected_local,
            expected_minutes,
            {{ add_minutes('expected_local', days * 1440) }} as looked_up_local
        from moments
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

clocks as (

    select
        lookups.*,
        {{ clock_columns('found', 'airport') }}
    from lookups
    {{ join_utc_offset('found', 'lookups.time_zone', 'lookups.looked_up_local', 'local') }}

)

select *
from clocks
where
    {{ local_time('instant', 'airport') }} is distinct from expected_local
    or {{ last_instant_of('expected_local', 'airport') }} is distinct from instant
    or {{ minutes_since_first_showing('expected_local', 'airport') }} is distinct from expected_minutes
