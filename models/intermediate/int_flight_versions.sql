{% set values = [
    'source', 'tail_number', 'scheduled_arrival_clock_minutes', 'arrival_clock_minutes', 'scheduled_elapsed_minutes',
    'departure_delay_minutes', 'arrival_delay_minutes', 'is_cancelled', 'is_diverted', 'cancellation_code',
    'air_time_minutes', 'distance_miles', 'carrier_delay_minutes', 'weather_delay_minutes', 'nas_delay_minutes',
    'security_delay_minutes', 'late_aircraft_delay_minutes',
] %}

with

records as (

    select * from {{ ref('int_flight_records') }}

),

month_files as (

    select * from {{ ref('int_flight_month_files') }}

),

-- each record with the file that replaced its month
replaced as (

    select
        records.*,
        month_files.load_number as replaced_load_number,
        count(*) over (partition by records.flight_date, records.flight_key) as record_count,
        min(case when records.source_rank = 1 then records.load_number end) over (
            partition by records.flight_date, records.flight_key
        ) as best_source_load_number
    from records
    left join month_files
        on
            records.source = 'bts'
            and {{ month_start('records.flight_date') }} = month_files.flight_month
            and records.load_number >= month_files.replaces_from_load_number
            and records.load_number < month_files.load_number

),

-- once the better source has spoken of a flight, the other is heard no more; of two lines in one file the later counts
heard as (

    select
        *,
        lead(_source_line) over (
            partition by flight_date, flight_key, load_number
            order by _source_line
        ) as later_source_line
    from replaced
    where
        record_count > 1
        and (source_rank = 1 or best_source_load_number is null or load_number < best_source_load_number)

),

compared as (

    select
        *,
        case
            when {{ is_unchanged(values, 'in_order') | indent(12) }}
                and coalesce(lag(replaced_load_number) over in_order >= load_number, true)
                then 0
            else 1
        end as is_change
    from heard
    where later_source_line is null
    window in_order as (partition by flight_date, flight_key order by load_number)

),

numbered as (

    select
        *,
        sum(is_change) over (
            partition by flight_date, flight_key
            order by load_number
            rows between unbounded preceding and current row
        ) as version_number
    from compared

),

-- a version holds until the file that replaced the month of its last repetition
repeated as (

    select
        *,
        max(load_number) over in_version as last_load_number,
        max(coalesce(replaced_load_number, 9223372036854775807)) over in_version as last_replaced_load_number
    from numbered
    window in_version as (partition by flight_date, flight_key, version_number)

),

succeeded as (

    select
        *,
        lead(load_number) over in_order as next_load_number,
        lead(loaded_at) over in_order as next_loaded_at
    from repeated
    where is_change = 1
    window in_order as (partition by flight_date, flight_key order by load_number)

),

{% set columns = [
    'flight_key', 'flight_date', 'carrier_code', 'flight_number', 'origin_airport_code', 'destination_airport_code',
    'scheduled_departure_clock_minutes',
] + values + ['load_number', 'loaded_at'] %}
versions as (

    select
        {{ columns | join(',\n        ') }},
        1 as version_number,
        replaced_load_number as superseded_load_number,
        cast(null as timestamp) as next_loaded_at
    from replaced
    where record_count = 1

    union all

    select
        {{ columns | join(',\n        ') }},
        version_number,
        nullif(
            case
                when next_load_number <= last_replaced_load_number then next_load_number
                else last_replaced_load_number
            end,
            9223372036854775807
        ) as superseded_load_number,
        case when next_load_number <= last_replaced_load_number then next_loaded_at end as next_loaded_at
    from succeeded

),

final as (

    select
        versions.*,
        case when versions.version_number > 1 then versions.loaded_at end as corrected_at,
        coalesce(versions.next_loaded_at, month_files.loaded_at) as superseded_at
    from versions
    left join month_files on versions.superseded_load_number = month_files.load_number

)

select * from final
