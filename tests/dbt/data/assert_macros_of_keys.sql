{# The macros of keys.sql: the same on every engine. #}
{% set cases = [
    (
        'hash_key: integers and codes',
        hash_key(["20130101", "'UA'", "1545", "'EWR'", "'IAH'", "315"]),
        "'a692b7408e9553f1abc89e77bccd809a'",
    ),
    ('hash_key: a null is empty', hash_key(["cast(null as integer)", "7"]), "'cc15d45cc04e2f8b7e1a5125a0b8707f'"),
    ('date_number: a day of January', date_number("cast('2013-01-05' as date)"), "'20130105'"),
] %}

with

cases as (

    {% for case_name, found, expected in cases %}
        select
            '{{ case_name }}' as case_name,
            cast({{ found }} as {{ dbt.type_string() }}) as found,
            cast({{ expected }} as {{ dbt.type_string() }}) as expected
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select *
from cases
where found is distinct from expected
