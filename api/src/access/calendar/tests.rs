//! The vectors of the design, clock changes, and the rule that adding and measuring agree.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::*;

use super::{Calendar, Flaw, Interval, Opening, shape::minutes, walk::LOOKED};

const WORKDAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

fn on(days: &[Weekday], spans: &[&str]) -> Vec<Interval> {
    let span = |text: &&str| {
        let (from, to) = text.split_once('-').unwrap();
        Opening::new(minutes(from).unwrap(), minutes(to).unwrap())
    };
    days.iter().flat_map(|day| spans.iter().map(move |text| Interval { day: *day, opening: span(text) })).collect()
}

fn calendar(zone: &str, intervals: &[Interval], holidays: &[&str]) -> Calendar {
    let holidays: Vec<NaiveDate> = holidays.iter().map(|day| day.parse().unwrap()).collect();
    Calendar::new(zone.parse().unwrap(), intervals, &holidays).unwrap()
}

fn office() -> Calendar {
    calendar("UTC", &on(&WORKDAYS, &["09:00-17:00"]), &[])
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc())
}

#[test]
fn a_due_time_is_the_earliest_instant_at_which_the_time_has_passed() {
    for (start, add, due) in [
        ("2026-08-07 16:30", 60, "2026-08-10 09:30"),
        ("2026-08-07 20:00", 60, "2026-08-10 10:00"),
        ("2026-08-08 15:00", 60, "2026-08-10 10:00"),
        ("2026-08-08 20:00", 60, "2026-08-10 10:00"),
        ("2026-08-07 16:00", 60, "2026-08-07 17:00"),
        ("2026-08-07 16:00", 0, "2026-08-07 16:00"),
        ("2026-08-07 09:00", 0, "2026-08-07 09:00"),
        ("2026-08-07 17:00", 0, "2026-08-10 09:00"),
        ("2026-08-08 15:00", 0, "2026-08-10 09:00"),
        ("2026-08-07 09:00", 5 * 480, "2026-08-13 17:00"),
    ] {
        assert_eq!(office().add_business(at(start), add * 60).unwrap(), at(due), "{start} + {add} min");
    }
}

#[test]
fn elapsed_time_is_what_lies_in_the_intervals() {
    let elapsed = |a, b| office().business_elapsed(at(a), at(b));
    assert_eq!(elapsed("2026-08-07 16:50", "2026-08-10 09:20"), 30 * 60);
    assert_eq!(elapsed("2026-08-10 09:20", "2026-08-07 16:50"), 0);
    assert_eq!(elapsed("2026-08-07 16:50", "2026-08-07 16:50"), 0);
    assert_eq!(elapsed("2026-08-03 00:00", "2026-08-17 00:00"), 10 * 8 * 3600);
}

#[test]
fn who_answers_at_the_next_opening_is_in_time() {
    let last = |start, minutes: i64| office().last_in_time(at(start), Duration::minutes(minutes)).unwrap();
    assert_eq!(last("2026-08-07 16:00", 60), at("2026-08-10 09:00"));
    assert_eq!(last("2026-08-07 16:00", 30), at("2026-08-07 16:30"));
    assert_eq!(last("2026-08-07 09:00", 5 * 480), at("2026-08-14 09:00"));
    let after = last("2026-08-07 16:00", 60) + Duration::microseconds(1);
    assert!(office().open_between(at("2026-08-07 16:00"), after) > Duration::hours(1));
}

#[test]
fn lunch_and_holidays_do_not_count() {
    let lunch = calendar("UTC", &on(&WORKDAYS, &["13:00-17:00", "08:00-12:00"]), &["2026-08-10"]);
    assert_eq!(lunch.add_business(at("2026-08-07 11:30"), 3600).unwrap(), at("2026-08-07 13:30"));
    assert_eq!(lunch.add_business(at("2026-08-07 16:30"), 3600).unwrap(), at("2026-08-11 08:30"));
    assert_eq!(lunch.business_elapsed(at("2026-08-03 00:00"), at("2026-08-17 00:00")), 9 * 8 * 3600);
    assert!(!lunch.is_open(at("2026-08-07 12:30")) && lunch.is_open(at("2026-08-07 13:00")));
    assert!(!lunch.is_open(at("2026-08-07 17:00")) && !lunch.is_open(at("2026-08-10 09:00")));
}

#[test]
fn a_holiday_is_a_local_date() {
    let tokyo = calendar("Asia/Tokyo", &on(&WEEK, &["00:00-24:00"]), &["2026-05-05"]);
    assert_eq!(tokyo.add_business(at("2026-05-04T14:59:00Z"), 120).unwrap(), at("2026-05-05T15:01:00Z"));
}

#[test]
fn around_the_clock_counts_what_the_clock_change_gives_and_takes() {
    let berlin = calendar("Europe/Berlin", &on(&WEEK, &["00:00-24:00"]), &[]);
    let day = |from, to| berlin.business_elapsed(at(from), at(to));
    assert_eq!(day("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), 23 * 3600);
    assert_eq!(day("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), 25 * 3600);
}

/// 02:30 does not exist on 29 March 2026 in Berlin, and exists twice on 25 October.
#[test]
fn local_times_that_are_missing_or_repeated() {
    let early = calendar("Europe/Berlin", &on(&[Weekday::Sun], &["02:30-04:00"]), &[]);
    assert_eq!(early.add_business(at("2026-03-28T00:00:00Z"), 0).unwrap(), at("2026-03-29T01:00:00Z"));
    assert_eq!(early.business_elapsed(at("2026-03-28T00:00:00Z"), at("2026-03-30T00:00:00Z")), 3600);
    assert_eq!(early.add_business(at("2026-10-24T00:00:00Z"), 0).unwrap(), at("2026-10-25T00:30:00Z"));
    assert_eq!(early.business_elapsed(at("2026-10-24T00:00:00Z"), at("2026-10-26T00:00:00Z")), 9000);
    let gone = calendar("Europe/Berlin", &on(&[Weekday::Sun], &["02:00-03:00"]), &[]);
    assert_eq!(gone.business_elapsed(at("2026-03-28T00:00:00Z"), at("2026-03-30T00:00:00Z")), 0);
}

/// Samoa had no 30 December 2011.
#[test]
fn a_day_that_the_zone_leaves_out_is_no_time() {
    let apia = calendar("Pacific/Apia", &on(&WEEK, &["00:00-24:00"]), &[]);
    assert_eq!(apia.business_elapsed(at("2011-12-29T10:00:00Z"), at("2011-12-31T10:00:00Z")), 2 * 86_400);
    let fridays = calendar("Pacific/Apia", &on(&[Weekday::Fri], &["09:00-17:00"]), &[]);
    assert_eq!(fridays.business_elapsed(at("2011-12-28T10:00:00Z"), at("2012-01-02T10:00:00Z")), 0);
}

#[test]
fn where_nobody_keeps_hours_every_hour_counts() {
    let due = Calendar::always().add_business(at("2026-08-08 23:30"), 3600).unwrap();
    assert_eq!(due, at("2026-08-09 00:30"));
}

#[test]
fn a_calendar_is_open_at_some_time_and_once_at_a_time() {
    let make = |intervals: &[Interval]| Calendar::new(Tz::UTC, intervals, &[]).map(|_| ());
    assert_eq!(make(&[]), Err(Flaw::Empty));
    assert_eq!(make(&on(&WORKDAYS, &["09:00-12:00", "12:00-24:00"])), Ok(()));
    assert_eq!(make(&on(&[Weekday::Mon], &["09:00-12:00", "11:59-17:00"])), Err(Flaw::Overlaps(1)));
    assert_eq!(make(&on(&[Weekday::Mon], &["09:00-12:00", "22:00-06:00"])), Err(Flaw::Backwards(1)));
    assert_eq!(make(&on(&[Weekday::Mon], &["09:00-09:00"])), Err(Flaw::Backwards(0)));
    assert_eq!(minutes("24:00"), Some(1440));
    for bad in ["24:01", "9:00", "09:60", "0900", "+9:00", "", "09:00:00"] {
        assert_eq!(minutes(bad), None, "{bad}");
    }
}

#[test]
fn what_ends_after_the_last_year_is_refused_and_not_sought_forever() {
    assert!(office().add_business(at("2026-08-07 09:00"), i64::MAX / 1000).is_err());
    assert!(office().add_business(at("2026-08-07 09:00"), i64::MAX).is_err());
}

/// Without this the walk could take a week for plain that is not.
#[test]
fn no_zone_changes_its_clock_twice_within_a_week() {
    for zone in TZ_VARIANTS {
        let ahead =
            |at: DateTime<Utc>| chrono::Offset::fix(&zone.offset_from_utc_datetime(&at.naive_utc())).local_minus_utc();
        let mut at = at("2015-01-01T00:00:00Z");
        let (mut last, mut before) = (None, ahead(at));
        while at.year() < 2031 {
            at += Duration::hours(12);
            if ahead(at) != before {
                let week = Some(at.with_timezone(&zone).iso_week());
                assert_ne!(week, last, "{zone}");
                (last, before) = (week, ahead(at));
            }
        }
    }
}

#[test]
fn ten_years_ahead_and_back() {
    let holidays: Vec<NaiveDate> =
        (2026..2037).flat_map(|y| (1..=12).map(move |m| NaiveDate::from_ymd_opt(y, m, 3).unwrap())).collect();
    let calendar =
        Calendar::new(Tz::Europe__Berlin, &on(&WORKDAYS, &["08:00-12:00", "13:00-17:00"]), &holidays).unwrap();
    let (start, seconds) = (at("2026-08-07 09:00"), 10 * 250 * 8 * 3600);
    let due = calendar.add_business(start, seconds).unwrap();
    assert_eq!((due.year(), calendar.business_elapsed(start, due)), (2036, seconds));
}

/// How many weeks a calculation looks at.
fn looked<T>(work: impl FnOnce() -> T) -> (T, usize) {
    LOOKED.set(0);
    let done = work();
    (done, LOOKED.get())
}

#[test]
fn ten_years_cost_two_steps_for_each_odd_week_however_far_and_however_many_are_alike() {
    let start = at("2026-08-07 09:00");
    for (years, a_year) in [(10, 0), (10, 12), (100, 0), (100, 1)] {
        let months = |y| (1..=a_year).map(move |m| NaiveDate::from_ymd_opt(y, m, 3).unwrap());
        let holidays: Vec<NaiveDate> = (2026..=2027 + years).flat_map(months).collect();
        let calendar =
            Calendar::new(Tz::Europe__Berlin, &on(&WORKDAYS, &["08:00-12:00", "13:00-17:00"]), &holidays).unwrap();
        let odd = holidays.len() + 2 * usize::try_from(years + 2).unwrap();
        let seconds = i64::from(years) * 240 * 8 * 3600;
        let (due, there) = looked(|| calendar.add_business(start, seconds).unwrap());
        let (passed, back) = looked(|| calendar.business_elapsed(start, due));
        assert_eq!(passed, seconds);
        let most = 2 * odd + 4;
        assert!(there <= most && back <= most, "{years} years, {odd} odd weeks: {there} and {back} of {most}");
    }
}

const ZONES: [Tz; 4] = [Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::Africa__Casablanca];

fn any_calendar() -> impl Strategy<Value = Calendar> {
    let opening = (0_u16..48, 1_u16..=20).prop_map(|(from, long)| (from * 30, (from * 30 + long * 30).min(1440)));
    let intervals = prop::collection::vec((0_usize..7, opening), 1..12);
    let holidays = prop::collection::vec(0_i64..1500, 0..20);
    (0_usize..4, intervals, holidays).prop_map(|(zone, intervals, holidays)| {
        let mut kept: Vec<Interval> = Vec::new();
        for (day, (from, to)) in intervals {
            let wanted = Interval { day: WEEK[day], opening: Opening::new(from, to) };
            let mut tried = kept.clone();
            tried.push(wanted);
            if Calendar::new(Tz::UTC, &tried, &[]).is_ok() {
                kept = tried;
            }
        }
        let first = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
        let holidays: Vec<_> = holidays.iter().map(|days| first + Duration::days(*days)).collect();
        Calendar::new(ZONES[zone], &kept, &holidays).unwrap()
    })
}

fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..1000 * 86_400 * 1_000_000).prop_map(|micros| at("2025-01-01T00:00:00Z") + Duration::microseconds(micros))
}

/// The first minute that the clock shows as this or later: slow, and knows nothing of weeks or gaps.
fn first(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let mut at = local.and_utc() - Duration::hours(15);
    while at.with_timezone(&zone).naive_local() < local {
        at += Duration::minutes(1);
    }
    at
}

fn slow_elapsed(calendar: &Calendar, a: DateTime<Utc>, b: DateTime<Utc>) -> Duration {
    let (mut day, mut sum) = (a.date_naive() - Duration::days(2), Duration::zero());
    while day <= b.date_naive() + Duration::days(2) {
        let openings = &calendar.weekly[day.weekday().num_days_from_monday() as usize];
        for opening in openings.iter().filter(|_| !calendar.holidays.contains(&day)) {
            let (from, to) = opening.on(day);
            let (from, to) = (first(calendar.zone, from).max(a), first(calendar.zone, to).min(b));
            sum += (to - from).max(Duration::zero());
        }
        day += Duration::days(1);
    }
    sum
}

proptest! {
    #[test]
    fn adding_and_measuring_agree(calendar in any_calendar(), start in any_time(), seconds in 0_i64..20_000_000) {
        let due = calendar.add_business(start, seconds).unwrap();
        prop_assert_eq!(calendar.business_elapsed(start, due), seconds);
        prop_assert_eq!(calendar.open_between(start, due), Duration::seconds(seconds));
        if seconds > 0 {
            let before = calendar.open_between(start, due - Duration::microseconds(1));
            prop_assert!(before < Duration::seconds(seconds), "not the earliest");
        }
        let last = calendar.last_in_time(start, Duration::seconds(seconds)).unwrap();
        prop_assert!(last >= due);
        prop_assert_eq!(calendar.open_between(start, last), Duration::seconds(seconds));
        prop_assert!(calendar.open_between(start, last + Duration::microseconds(1)) > Duration::seconds(seconds));
        prop_assert_eq!(calendar.is_open(last), true);
    }

    #[test]
    fn parts_add_up(calendar in any_calendar(), mut times in prop::collection::vec(any_time(), 3)) {
        times.sort();
        let parts = calendar.open_between(times[0], times[1]) + calendar.open_between(times[1], times[2]);
        prop_assert_eq!(parts, calendar.open_between(times[0], times[2]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_slow_way_gives_the_same(calendar in any_calendar(), a in any_time(), days in 0_i64..40) {
        let a = a.with_nanosecond(0).unwrap();
        let b = a + Duration::days(days) + Duration::minutes(37);
        prop_assert_eq!(calendar.open_between(a, b), slow_elapsed(&calendar, a, b));
    }
}
