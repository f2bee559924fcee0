with

weather as (

    select * from {{ ref('stg_nycflights13__weather') }}

),

-- an hour's row is the maximum of each column over the hour's reports up to minute 51, so it counts from then
conformed as (

    select
        'nycflights13' as source,
        airport_code,
        {{ add_minutes('observed_hour_at', 51) }} as observed_at,
        temperature_fahrenheit,
        dew_point_fahrenheit,
        relative_humidity_percent,
        wind_direction_degrees,
        {{ mph_to_knots('wind_speed_mph') }} as wind_speed_knots,
        {{ mph_to_knots('wind_gust_mph') }} as wind_gust_knots,
        visibility_miles,
        cast(null as integer) as ceiling_ft,
        sea_level_pressure_hpa,
        precipitation_inches as hour_to_date_precipitation_inches,
        cast(null as {{ dbt.type_string() }}) as present_weather,
        -- no report need have had these values together
        cast(null as {{ dbt.type_string() }}) as flight_category,
        cast(null as {{ dbt.type_string() }}) as metar_text,
        {{ columns_of_places() }},
        load_number,
        loaded_at,
        _source_line
    from weather

)

select * from conformed
