{# The macros of units.sql. #}
{% set unknown = 'cast(null as integer)' %}
{% set cases = [
    ('fahrenheit_to_celsius: freezing', fahrenheit_to_celsius('32'), '0'),
    ('fahrenheit_to_celsius: below zero', fahrenheit_to_celsius('-40'), '-40'),
    ('fahrenheit_to_celsius: to a tenth', fahrenheit_to_celsius('39.02'), '3.9'),
    ('fahrenheit_to_celsius: unknown', fahrenheit_to_celsius(unknown), 'null'),
    ('mph_to_knots: whole knots', mph_to_knots('10.35702'), '9'),
    ('mph_to_knots: calm', mph_to_knots('0'), '0'),
    ('mph_to_knots: unknown', mph_to_knots(unknown), 'null'),
    ('whole_number: up from the middle', whole_number('150.5'), '151'),
    ('whole_number: down', whole_number('150.4'), '150'),
    ('whole_number: below zero', whole_number('-1.5'), '-1'),
    ('ratio: of integers', ratio('1', '4'), '0.25'),
    ('ratio: nothing to divide by', ratio('1', '0'), 'null'),
] %}

with

cases as (

    {% for case_name, found, expected in cases %}
        select
            '{{ case_name }}' as case_name,
            cast({{ found }} as decimal(12, 4)) as found,
            cast({{ expected }} as decimal(12, 4)) as expected
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select *
from cases
where found is distinct from expected
