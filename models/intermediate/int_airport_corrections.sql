with

lines as (

    select * from {{ ref('airport_corrections') }}

),

offsets as (

    select * from {{ ref('stg_reference__time_zone_offsets') }}

),

zones as (

    select
        time_zone,
        max(loaded_at) as loaded_at
    from offsets
    group by time_zone

),

cleaned as (

    select
        upper(trim(airport_code)) as airport_code,
        lower(trim(correction_type)) as correction_type,
        trim(time_zone) as time_zone,
        {% for name in ('airport_name', 'city_name', 'subdivision_name', 'iata_code', 'icao_code', 'faa_code') %}
            nullif(trim({{ name }}), '') as {{ name }},
        {% endfor %}
        nullif(upper(trim(country_code)), '') as country_code,
        {{ number_in_range('latitude_degrees', -90, 90) }} as latitude_degrees,
        {{ number_in_range('longitude_degrees', -180, 180) }} as longitude_degrees,
        {{ whole_number(number_in_range('elevation_ft', -1500, 20000)) }} as elevation_ft
    from lines

),

-- what cannot be read, or says two things of one airport, corrects nothing
final as (

    select
        cleaned.airport_code,
        max(cleaned.time_zone) as time_zone,
        min(cleaned.correction_type) as correction_type,
        coalesce(max(cleaned.airport_name), cleaned.airport_code) as airport_name,
        max(cleaned.city_name) as city_name,
        max(cleaned.subdivision_name) as subdivision_name,
        coalesce(max(cleaned.country_code), 'US') as country_code,
        max(cleaned.iata_code) as iata_code,
        max(cleaned.icao_code) as icao_code,
        max(cleaned.faa_code) as faa_code,
        max(cleaned.latitude_degrees) as latitude_degrees,
        max(cleaned.longitude_degrees) as longitude_degrees,
        max(cleaned.elevation_ft) as elevation_ft,
        max(zones.loaded_at) as loaded_at
    from cleaned
    inner join zones on cleaned.time_zone = zones.time_zone
    where
        cleaned.airport_code <> ''
        and cleaned.correction_type in ('add', 'correct')
    group by cleaned.airport_code
    having min(cleaned.time_zone) = max(cleaned.time_zone)

)

select * from final
