{# The macros of clock.sql that count minutes, seconds and days of the week. #}
{% set noon = "cast('2013-03-01 12:00:00' as timestamp)" %}
{% set unknown = 'cast(null as integer)' %}
{% set cases = [
    ('clock_minutes: midnight', clock_minutes("'0000'"), '0'),
    ('clock_minutes: no leading zeros', clock_minutes("'5'"), '5'),
    ('clock_minutes: hours and minutes', clock_minutes("'1834'"), '1114'),
    ('clock_minutes: end of the day', clock_minutes("'2400'"), '1440'),
    ('clock_minutes: none', clock_minutes("cast(null as " ~ dbt.type_string() ~ ")"), 'null'),
    ('minutes_between: over midnight', minutes_between(noon, "cast('2013-03-02 00:30:00' as timestamp)"), '750'),
    ('minutes_between: whole minutes only', minutes_between(noon, "cast('2013-03-01 12:01:59' as timestamp)"), '1'),
    ('minutes_between: backwards', minutes_between(noon, "cast('2013-03-01 11:59:00' as timestamp)"), '-1'),
    ('epoch_seconds: 1970', epoch_seconds("cast('1970-01-01 00:00:00' as timestamp)"), '0'),
    (
        'epoch_seconds: half a second is cut off',
        epoch_seconds("cast('2013-03-01 12:00:00.5' as timestamp)"),
        '1362139200',
    ),
    ('iso_day_of_week: Monday', iso_day_of_week("cast('2013-12-23' as date)"), '1'),
    ('iso_day_of_week: Sunday', iso_day_of_week("cast('2013-12-29' as date)"), '7'),
    ('clock_minutes: after the end of the day', clock_minutes("'2615'"), '1575'),
    ('dial_minutes: late', dial_minutes('540', '545'), '5'),
    ('dial_minutes: late over midnight', dial_minutes('1435', '10'), '15'),
    ('dial_minutes: early over midnight', dial_minutes('10', '1435'), '-15'),
    ('dial_minutes: half a day', dial_minutes('0', '720'), '720'),
    ('dial_minutes: a minute more', dial_minutes('0', '721'), '-719'),
    ('dial_minutes: a clock past midnight', dial_minutes('1425', '1495'), '70'),
    ('dial_minutes: not known', dial_minutes('600', unknown), 'null'),
    ('minute_of_day: afternoon', minute_of_day("cast('2013-03-01 13:45:59' as timestamp)"), '825'),
] %}

with

cases as (

    {% for case_name, found, expected in cases %}
        select
            '{{ case_name }}' as case_name,
            cast({{ found }} as bigint) as found,
            cast({{ expected }} as bigint) as expected
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select *
from cases
where found is distinct from expected
