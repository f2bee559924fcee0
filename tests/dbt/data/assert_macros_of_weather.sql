{# The macros of weather.sql. #}
{% set unknown = 'cast(null as ' ~ type_double() ~ ')' %}
{% set unsaid = 'cast(null as boolean)' %}
{% set categories = [
    ('10', 'true', '3001', 'VFR'),
    ('5.01', 'false', unknown, 'VFR'),
    ('10', 'true', '3000', 'MVFR'),
    ('5', 'false', unknown, 'MVFR'),
    ('3', 'true', '1000', 'MVFR'),
    ('10', 'true', '999', 'IFR'),
    ('2.99', 'false', unknown, 'IFR'),
    ('1', 'true', '500', 'IFR'),
    ('10', 'true', '499', 'LIFR'),
    ('0.99', 'false', unknown, 'LIFR'),
    ('0.99', 'true', unknown, 'LIFR'),
    ('0.99', unsaid, unknown, 'LIFR'),
    (unknown, 'true', '499', 'LIFR'),
    ('10', 'true', unknown, none),
    ('1', 'true', unknown, none),
    ('10', unsaid, unknown, none),
    ('1', unsaid, unknown, none),
    (unknown, 'true', '500', none),
    (unknown, 'false', unknown, none),
    (unknown, unsaid, unknown, none),
] %}
{# Covers and heights of two layers, whether there is a ceiling, and how high. #}
{% set skies = [
    (['FEW', 'BKN'], ['500', '1200'], 'true', '1200'),
    (['BKN', 'OVC'], ['1200', '400'], 'true', '400'),
    (['VV', none], ['200', unknown], 'true', '200'),
    (['OVX', none], ['0', unknown], 'true', '0'),
    (['FEW', 'OVC'], ['500', unknown], 'true', unknown),
    (['OVC', 'BKN'], [unknown, '1200'], 'true', unknown),
    (['BKN', 'OVC'], ['1200', unknown], 'true', '1200'),
    (['///', 'OVC'], ['500', '1200'], 'true', unknown),
    (['CLR', none], [unknown, unknown], 'false', unknown),
    (['FEW', 'SCT'], [unknown, '1200'], 'false', unknown),
    (['FEW', '///'], ['500', unknown], unsaid, unknown),
    ([none, none], [unknown, unknown], unsaid, unknown),
] %}

with

skies as (

    {% for covers, heights, expected_ceiling, expected_ft in skies %}
        select
            {{ loop.index }} as case_number,
            {% for cover in covers %}
                cast({{ "'" ~ cover ~ "'" if cover else 'null' }} as {{ dbt.type_string() }}) as cover_{{ loop.index }},
                {{ heights[loop.index0] }} as height_{{ loop.index }},
            {% endfor %}
            {{ expected_ceiling }} as expected_ceiling,
            {{ expected_ft }} as expected_ft
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

wrong_skies as (

    select 'sky ' || case_number as case_name
    from skies
    where
        {{ has_ceiling_layer(['cover_1', 'cover_2']) }} is distinct from expected_ceiling
        or {{ lowest_ceiling_ft(['cover_1', 'cover_2'], ['height_1', 'height_2']) }} is distinct from expected_ft

),

categories as (

    {% for visibility, has_ceiling, ceiling, expected in categories %}
        select
            'category {{ loop.index }}' as case_name,
            {{ flight_category(visibility, has_ceiling, ceiling) }} as found,
            {{ "'" ~ expected ~ "'" if expected else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as expected
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select case_name from wrong_skies

union all

select case_name
from categories
where found is distinct from expected
