{# The macros of clock.sql that give dates and instants. #}
{% set noon = "cast('2013-03-01 12:00:00' as timestamp)" %}
{% set never = 'cast(null as timestamp)' %}
{% set before_midnight = "cast('2013-02-28 23:59:30' as timestamp)" %}
{% set cases = [
    (
        'add_minutes: over a leap day',
        add_minutes("cast('2012-02-28 23:30:00' as timestamp)", '60'),
        "cast('2012-02-29 00:30:00' as timestamp)",
    ),
    (
        'add_minutes: negative, of an expression',
        add_minutes(noon, '-(60 + 1)'),
        "cast('2013-03-01 10:59:00' as timestamp)",
    ),
    ('add_minutes: unknown minutes', add_minutes(noon, 'cast(null as integer)'), 'null'),
    (
        'utc_instant: of a zoned timestamp',
        utc_instant("cast('2013-03-01 07:00:00-05:00' as " ~ type_zoned_timestamp() ~ ")"),
        "cast('2013-03-01 12:00:00' as timestamp)",
    ),
    (
        'latest_of: nulls are left out',
        latest_of([never, noon, "cast('2013-02-28 23:59:00' as timestamp)"]),
        "cast('2013-03-01 12:00:00' as timestamp)",
    ),
    ('latest_of: nothing', latest_of([never, never]), 'null'),
    ('first_instant: of a month', "cast('" ~ first_instant('2013-03') ~ "' as timestamp)", add_minutes(noon, '-720')),
    (
        'first_instant: of an instant in a zone',
        "cast('" ~ first_instant('2013-03-01T14:00+02:00') ~ "' as timestamp)",
        noon,
    ),
    (
        'first_day_of: of an instant',
        "cast('" ~ first_day_of('2013-03-01 12:00') ~ "' as date)",
        "cast('2013-03-01' as date)",
    ),
    ('last_day_of: of a leap month', "cast('" ~ last_day_of('2012-02') ~ "' as date)", "cast('2012-02-29' as date)"),
    ('last_day_of: of a December', "cast('" ~ last_day_of('2012-12') ~ "' as date)", "cast('2012-12-31' as date)"),
    ('last_day_of: of a day', "cast('" ~ last_day_of('2012-12-31') ~ "' as date)", "cast('2012-12-31' as date)"),
    (
        'last_day_of: of an instant',
        "cast('" ~ last_day_of('2012-12-31T00:00Z') ~ "' as date)",
        "cast('2012-12-31' as date)",
    ),
    ('add_days: over the end of a month', add_days("cast('2013-02-28' as date)", '1'), "cast('2013-03-01' as date)"),
    ('add_days: negative', add_days("cast('2013-01-01' as date)", '-1'), "cast('2012-12-31' as date)"),
    ('instant_trunc: to the hour', instant_trunc('hour', before_midnight), "cast('2013-02-28 23:00:00' as timestamp)"),
    ('instant_trunc: to the day', instant_trunc('day', before_midnight), "cast('2013-02-28 00:00:00' as timestamp)"),
    ('month_start: of an instant', month_start(before_midnight), "cast('2013-02-01' as date)"),
    (
        'days_between: over a leap day, both ends included',
        "(select max(date_day) from (" ~ days_between('2012-02-28', '2012-03-01') ~ ") as days having count(*) = 3)",
        "cast('2012-03-01' as date)",
    ),
    ('date_from_parts: 29 February', date_from_parts('2012', '2', '29'), "cast('2012-02-29' as date)"),
] %}

with

cases as (

    {% for case_name, found, expected in cases %}
        select
            '{{ case_name }}' as case_name,
            cast({{ found }} as timestamp) as found,
            cast({{ expected }} as timestamp) as expected
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select *
from cases
where found is distinct from expected
