with

asos as (

    select * from {{ ref('int_weather_reports__asos') }}

),

events as (

    select * from {{ ref('int_weather_reports__events') }}

),

nycflights13 as (

    select * from {{ ref('int_weather_reports__nycflights13') }}

),

observed as (

    select
        airport_code,
        observed_at
    from asos
    group by 1, 2

),

-- of an observation that both have the provider's counts, which may have more than its text
events_only as (

    select events.*
    from events
    left join observed
        on
            events.airport_code = observed.airport_code
            and events.observed_at = observed.observed_at
    where observed.observed_at is null

),

reported as (

    select * from asos

    union all

    select * from events_only

),

reported_hours as (

    select
        airport_code,
        {{ instant_trunc('hour', 'observed_at') }} as reported_hour_at,
        count(*) as report_count
    from reported
    group by 1, 2

),

-- the sample's hours are maxima over station reports: where those are loaded, the hours are left out
sample_only as (

    select nycflights13.*
    from nycflights13
    left join reported_hours
        on
            nycflights13.airport_code = reported_hours.airport_code
            and {{ instant_trunc('hour', 'nycflights13.observed_at') }} = reported_hours.reported_hour_at
    where reported_hours.report_count is null

),

unioned as (

    select * from reported

    union all

    select * from sample_only

),

final as (

    select
        {{ hash_key(['airport_code', epoch_seconds('observed_at')]) }} as weather_report_key,
        *,
        cast(observed_at as date) as observed_date
    from unioned

)

select * from final
