with

files as (

    select * from {{ ref('stg_bts__files') }}

),

whole_months as (

    select
        {{ month_start('period_start_date') }} as flight_month,
        load_number,
        loaded_at
    from files
    where coverage = 'month'

),

-- a file of a month replaces all that was loaded of it since the one before
final as (

    select
        flight_month,
        coalesce(lag(load_number) over (partition by flight_month order by load_number), 0)
            as replaces_from_load_number,
        load_number,
        loaded_at
    from whole_months

)

select * from final
