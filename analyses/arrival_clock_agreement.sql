{# How many arrivals of each airport and year show, computed, the clock that the file reports; fewest first. #}
with

arrivals as (

    select
        destination_airport_code,
        cast(extract(year from flight_date) as integer) as year_number,
        {{ minute_of_day('arrived_local') }} = mod(arrival_clock_minutes, 1440) as is_agreed
    from {{ ref('int_flight_movements') }}
    where
        superseded_load_number is null
        and arrived_local is not null
        and arrival_clock_minutes is not null

)

select
    destination_airport_code,
    year_number,
    count(*) as arrival_count,
    {{ ratio('sum(case when is_agreed then 1 else 0 end)', 'count(*)') }} as agreed_share
from arrivals
group by 1, 2
order by 4
