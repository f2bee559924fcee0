{# join_utc_offset on local times and UTC instants around real clock changes. #}
{% set moments = [
    ('America/New_York', '2013-03-10 01:59:00', -300, -300),
    ('America/New_York', '2013-03-10 02:30:00', -300, -300),
    ('America/New_York', '2013-03-10 03:00:00', -240, -300),
    ('America/New_York', '2013-03-10 07:00:00', -240, -240),
    ('America/New_York', '2013-11-03 00:59:00', -240, -240),
    ('America/New_York', '2013-11-03 01:30:00', -300, -240),
    ('America/New_York', '2013-11-03 06:00:00', -300, -300),
    ('America/New_York', '2013-12-31 23:59:00', -300, -300),
    ('America/Phoenix', '2013-07-01 00:00:00', -420, -420),
    ('Pacific/Guam', '2013-01-01 00:00:00', 600, 600),
    ('America/Los_Angeles', '1988-04-03 02:30:00', -480, -480),
] %}

with

moments as (

    {% for time_zone, moment, local_offset, utc_offset in moments %}
        select
            '{{ time_zone }}' as time_zone,
            cast('{{ moment }}' as timestamp) as moment,
            {{ local_offset }} as expected_local_offset,
            {{ utc_offset }} as expected_utc_offset
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

found as (

    select
        moments.*,
        as_local.utc_offset_minutes as found_local_offset,
        as_utc.utc_offset_minutes as found_utc_offset
    from moments
    {{ join_utc_offset('as_local', 'moments.time_zone', 'moments.moment', 'local') }}
    {{ join_utc_offset('as_utc', 'moments.time_zone', 'moments.moment', 'utc') }}

)

select *
from found
where
    (
        found_local_offset is distinct from expected_local_offset
        or found_utc_offset is distinct from expected_utc_offset
    )
    -- with --empty there are no rules to follow
    and exists (select rules.utc_from from (select * from {{ ref('int_time_zone_offsets') }}) as rules)
