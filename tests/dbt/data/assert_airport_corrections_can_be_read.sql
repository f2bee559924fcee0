{# Lines of seeds/airport_corrections.csv that change nothing, and why. The build goes on without them. #}
{{ config(severity='warn') }}

with

lines as (

    select
        airport_code,
        correction_type,
        time_zone,
        upper(trim(airport_code)) as bare_airport_code,
        lower(trim(correction_type)) as bare_correction_type,
        latitude_degrees is not null and {{ number_in_range('latitude_degrees', -90, 90) }} is null
            as is_latitude_wrong,
        longitude_degrees is not null and {{ number_in_range('longitude_degrees', -180, 180) }} is null
            as is_longitude_wrong,
        elevation_ft is not null and {{ number_in_range('elevation_ft', -1500, 20000) }} is null as is_elevation_wrong,
        source,
        reason
    from {{ ref('airport_corrections') }}

),

corrections as (

    select * from {{ ref('int_airport_corrections') }}

),

airports as (

    select * from {{ ref('int_airports') }}

),

judged as (

    select
        lines.airport_code,
        lines.correction_type,
        lines.time_zone,
        case
            when coalesce(lines.bare_airport_code, '') = '' then 'no airport code'
            when coalesce(lines.bare_correction_type, '') not in ('add', 'correct', 'keep')
                then 'correction_type is neither add, correct nor keep'
            when lines.bare_correction_type <> 'keep' and corrections.airport_code is null
                then 'time_zone is unknown, or another line tells another'
            when airports.airport_code is null then 'no such airport: add it'
            when lines.is_latitude_wrong or lines.is_longitude_wrong or lines.is_elevation_wrong
                then 'a coordinate is no number, or out of range'
            when coalesce(trim(lines.source), '') = '' or coalesce(trim(lines.reason), '') = ''
                then 'no source or no reason'
        end as defect
    from lines
    left join corrections on lines.bare_airport_code = corrections.airport_code
    left join airports on lines.bare_airport_code = airports.airport_code

)

select *
from judged
where defect is not null
