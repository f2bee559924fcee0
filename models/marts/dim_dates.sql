with

dates as (

    {{ days_between('1987-01-01', '2037-12-31') }}

),

us_holidays as (

    select * from {{ ref('us_holidays') }}

),

final as (

    select
        dates.date_day,
        cast(extract(year from dates.date_day) as integer) as year_number,
        cast(extract(quarter from dates.date_day) as integer) as quarter_number,
        cast(extract(month from dates.date_day) as integer) as month_number,
        cast(extract(day from dates.date_day) as integer) as day_of_month,
        {{ iso_day_of_week('dates.date_day') }} as iso_day_of_week,
        {{ month_start('dates.date_day') }} as month_start_date,
        {{ iso_day_of_week('dates.date_day') }} >= 6 as is_weekend,
        us_holidays.holiday_name is not null as is_us_holiday,
        us_holidays.holiday_name as us_holiday_name
    from dates
    left join us_holidays on dates.date_day = us_holidays.holiday_date

)

select * from final
