{# The clock of arrival that a file reports is the one that the computed instant gives, for 99 % of a source's arrivals
   in a year; of the sample's 328,063 arrivals all but one agree. Where fewer do, an airport's zone, the clock rules or the
   source is wrong: `analyses/arrival_clock_agreement.sql` names the airports. #}
-- depends_on: {{ ref('fct_flights') }}
with

arrivals as (

    select
        source,
        cast(extract(year from flight_date) as integer) as year_number,
        {{ minute_of_day('arrived_local') }} = mod(arrival_clock_minutes, 1440) as is_agreed
    from {{ ref('int_flight_movements') }}
    where
        superseded_load_number is null
        and arrived_local is not null
        and arrival_clock_minutes is not null

),

shares as (

    select
        source,
        year_number,
        count(*) as arrival_count,
        sum(case when is_agreed then 1 else 0 end) as agreed_count,
        {{ ratio('sum(case when is_agreed then 1 else 0 end)', 'count(*)') }} as agreed_share
    from arrivals
    group by 1, 2

)

select *
from shares
where
    arrival_count >= 1000
    and agreed_share < 0.99
