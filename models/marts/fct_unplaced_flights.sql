with

unplaced as (

    select *
    from {{ ref('int_flight_movements') }}
    where
        superseded_load_number is null
        and (origin_unplaced_reason is not null or destination_unplaced_reason is not null)

),

-- one row for each of its airports that keeps it from the clock
ends as (

    {% for end in ('origin', 'destination') %}
        select
            {{ hash_key(['flight_key', "'" ~ end ~ "'"]) }} as unplaced_flight_key,
            {{ end }}_airport_code as airport_code,
            {{ end }}_unplaced_reason as unplaced_reason,
            flight_key,
            carrier_code,
            flight_number,
            origin_airport_code,
            destination_airport_code,
            source,
            load_number,
            flight_date,
            loaded_at,
            flight_month
        from unplaced
        where {{ end }}_unplaced_reason is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        -- keys
        unplaced_flight_key,
        flight_key,
        carrier_code,
        cast(flight_number as integer) as flight_number,
        airport_code,
        origin_airport_code,
        destination_airport_code,

        -- strings
        unplaced_reason,
        source,

        -- numbers
        load_number,

        -- dates and timestamps
        flight_date,
        loaded_at,
        flight_month
    from ends

)

select * from final
