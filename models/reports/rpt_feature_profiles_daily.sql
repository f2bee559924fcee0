{% set tables = {
    'feat_aircraft_rotation': ref('feat_aircraft_rotation'),
    'feat_carrier_departures': ref('feat_carrier_departures'),
    'feat_carrier_origin_departures': ref('feat_carrier_origin_departures'),
    'feat_origin_departures': ref('feat_origin_departures'),
    'feat_origin_weather': ref('feat_origin_weather'),
    'feat_route_flights': ref('feat_route_flights'),
} %}

with

-- windows end after the last flight, too
flown as (

    select
        min(cast(departed_at as date)) as first_date,
        max(cast(departed_at as date)) as last_date
    from {{ ref('fct_flights') }}

),

days as (

    select dates.date_day as profile_date
    from {{ ref('dim_dates') }} as dates
    inner join flown on dates.date_day >= flown.first_date and dates.date_day <= flown.last_date

),

{% for features, relation in tables.items() %}
    {{ profile_ctes(features, relation) | indent(4) }},

{% endfor %}
profiles as (

    {% for features in tables %}
        select * from {{ features }}_profiles
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

measured as (

    select
        *,
        {{ as_double('entity_count - value_count') }} / nullif(entity_count, 0) as null_share,
        {{ minutes_between('newest_known_at', add_minutes('cast(profile_date as timestamp)', 1440)) }}
            as newest_age_minutes
    from profiles

),

final as (

    select
        {{ hash_key(['feature_name', date_number('profile_date')]) }} as report_key,
        table_name,
        feature_name,
        profile_date,
        entity_count,
        null_share,
        allowed_null_share,
        mean_value,
        p05_value,
        median_value,
        p95_value,
        allowed_psi,
        newest_known_at,
        newest_age_minutes,
        allowed_age_minutes,
        coalesce(null_share > allowed_null_share, false)
        or coalesce(newest_age_minutes > allowed_age_minutes, newest_known_at is null) as is_beyond_limits
    from measured

)

select * from final
