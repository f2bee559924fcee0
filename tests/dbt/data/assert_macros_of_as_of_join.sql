{# as_of_join: the same row in force on every engine, at equal instants, for null keys, at its maximum age, and of the
   event that was visible. #}
{% set day = '2013-03-09 ' %}
{# case_number, key, instant; value and age of the newest row; the same of the row of the newest visible event #}
{% set spine_rows = [
    (1, "'JFK'", '10:00', 20, 0, 20, 0),
    (2, "'JFK'", '09:59', 10, 59, 10, 59),
    (3, "'JFK'", '11:00', 30, 30, 20, 60),
    (4, "'JFK'", '12:00', 'null', 90, 'null', 120),
    (5, "'JFK'", '08:59', 'null', 'null', 'null', 'null'),
    (6, 'null', '10:00', 'null', 'null', 'null', 'null'),
    (7, "'EWR'", '10:00', 'null', 'null', 'null', 'null'),
] %}
{% set feature_rows = [
    ("'JFK'", '09:00', '09:00', '10'),
    ("'JFK'", '10:00', '10:00', '20'),
    ("'JFK'", '08:00', '10:30', '30'),
    ('null', '09:00', '09:00', '40'),
    ("'LGA'", '09:00', '09:00', '50'),
] %}

with

spine as (

    {% for case_number, airport, at, newest, newest_age, visible, visible_age in spine_rows %}
        select
            {{ case_number }} as case_number,
            cast({{ airport }} as {{ dbt.type_string() }}) as airport_code,
            cast('{{ day ~ at }}:00' as timestamp) as asked_at,
            cast({{ newest }} as integer) as expected_newest,
            cast({{ newest_age }} as integer) as expected_newest_age,
            cast({{ visible }} as integer) as expected_visible,
            cast({{ visible_age }} as integer) as expected_visible_age
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

features as (

    {% for airport, event_at, known_at, amount in feature_rows %}
        select
            cast({{ airport }} as {{ dbt.type_string() }}) as station_code,
            cast('{{ day ~ event_at }}:00' as timestamp) as event_at,
            cast('{{ day ~ known_at }}:00' as timestamp) as known_at,
            {{ amount }} as amount
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

with_newest as (

    {{ as_of_join(
        'spine', 'features', {'airport_code': 'station_code'}, 'asked_at', ['amount'], 'newest', max_age_minutes=60
    ) | indent(4) }}

),

-- late news of an older event does not take the place of a newer one
found as (

    {{ as_of_join(
        'with_newest', 'features', {'airport_code': 'station_code'}, 'asked_at', ['amount'], 'visible',
        event_at='event_at', max_age_minutes=60
    ) | indent(4) }}

),

counted as (

    select
        *,
        count(*) over () as row_count,
        count(*) over (partition by case_number) as position_count
    from found

)

select *
from counted
where
    newest__amount is distinct from expected_newest
    or newest__age_minutes is distinct from expected_newest_age
    or visible__amount is distinct from expected_visible
    or visible__age_minutes is distinct from expected_visible_age
    -- no row is lost, and none comes twice
    or row_count <> 7
    or position_count <> 1
