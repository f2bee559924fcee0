with

carriers as (

    select * from {{ ref('int_carriers') }}

),

final as (

    select
        {{ hash_key(['carrier_code', date_number('valid_from')]) }} as carrier_key,
        carrier_code,
        carrier_name,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        source
    from carriers

)

select * from final
