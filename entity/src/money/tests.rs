//! Worked numbers, and what holds for all of them.

use proptest::prelude::*;

use super::*;

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn money(amount: &str, code: &str) -> Money {
    Money::parse(amount, currency(code)).unwrap()
}

#[test]
fn amounts_read_and_print_with_their_currencys_decimals() {
    for (text, code, minor, printed) in [
        ("1250", "EUR", 125_000, "1250.00"),
        ("1250.5", "USD", 125_050, "1250.50"),
        ("-0.05", "EUR", -5, "-0.05"),
        ("1250", "JPY", 1250, "1250"),
        ("1.005", "KWD", 1005, "1.005"),
        ("-10000000000000.00", "EUR", -1_000_000_000_000_000, "-10000000000000.00"),
    ] {
        let read = money(text, code);
        assert_eq!((read.amount_minor, read.amount().as_str()), (minor, printed), "{text} {code}");
    }
}

#[test]
fn what_is_no_exact_amount_is_refused() {
    for text in ["", "-", "1,5", "1.", ".5", "+1", "1e3", " 1", "--1", "1.2.3", "NaN", "１"] {
        assert_eq!(Money::parse(text, currency("EUR")), Err(MoneyError::NotANumber), "{text}");
    }
    assert_eq!(Money::parse("1.005", currency("EUR")), Err(MoneyError::TooManyDecimals { allowed: 2 }));
    assert_eq!(Money::parse("1.0", currency("JPY")), Err(MoneyError::TooManyDecimals { allowed: 0 }));
    assert_eq!(Money::parse("92233720368547758.08", currency("EUR")), Err(MoneyError::Overflow));
    assert_eq!(Money::parse("10000000000000.01", currency("EUR")), Err(MoneyError::Overflow));
}

#[test]
fn fifty_thousand_euro_in_dollars() {
    for (rate, dollars) in [("1.0850", "54250.00"), ("1.1020", "55100.00")] {
        let rate_e10 = parse_scaled(rate, RATE_DECIMALS).unwrap();
        assert_eq!(money("50000.00", "EUR").convert(rate_e10, currency("USD")), Ok(money(dollars, "USD")));
    }
}

#[test]
fn conversion_follows_the_decimals_of_both_currencies() {
    let rate = |text| parse_scaled(text, RATE_DECIMALS).unwrap();
    assert_eq!(money("100.00", "EUR").convert(rate("162.35"), currency("JPY")), Ok(money("16235", "JPY")));
    assert_eq!(money("16235", "JPY").convert(rate("0.002"), currency("KWD")), Ok(money("32.470", "KWD")));
    let most = Money::new(i64::MAX, currency("EUR"));
    assert_eq!(most.convert(rate("1.1"), currency("USD")), Err(MoneyError::Overflow));
    assert_eq!(most.convert(i64::MAX, currency("CLF")), Err(MoneyError::Overflow));
}

#[test]
fn halves_go_to_the_even_neighbour() {
    for (dividend, rounded) in [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (-25, -2), (26, 3), (-26, -3), (24, 2)] {
        assert_eq!(divide_half_even(dividend, 10), rounded, "{dividend}/10");
    }
}

#[test]
fn what_is_left_over_goes_to_the_largest_remainders() {
    assert_eq!(split_largest_remainder(100, &[1_u64, 1, 1]), [34, 33, 33]);
    assert_eq!(split_largest_remainder(-100, &[1_u64, 1, 1]), [-34, -33, -33]);
    assert_eq!(split_largest_remainder(10, &[1_u64, 2, 4]), [1, 3, 6]);
    assert_eq!(split_largest_remainder(5, &[0_u64, 0]), [3, 2]);
    assert_eq!(split_largest_remainder(7, &[0_u64, 1]), [0, 7]);
    assert_eq!(split_largest_remainder(i64::MIN, &[u64::MAX]), [i64::MIN]);
    assert_eq!(split_largest_remainder(i64::MAX, &[0, u64::MAX]), [0, i64::MAX]);
    assert_eq!(split_largest_remainder::<u64>(7, &[]), Vec::<i64>::new());
}

#[test]
fn weights_of_twenty_eight_digits_split_exactly() {
    let third = 3_333_333_333_333_333_333_333_333_333_u128;
    let most = i64::MAX / 3;
    assert_eq!(split_largest_remainder(i64::MAX, &[third, third, third]), [most + 1, most, most]);
    assert_eq!(split_largest_remainder(i64::MAX, &[third, 0, 2 * third]), [most, 0, i64::MAX - most]);
}

proptest! {
    #[test]
    fn a_large_product_is_divided_as_a_small_one(size: u64, weight in 0..(1_u128 << 60), more in 1..(1_u128 << 60)) {
        let sum = weight + more;
        let product = u128::from(size) * weight;
        let scale = 1_u128 << 64;
        let (part, rest) = share(size, weight * scale, sum * scale);
        prop_assert_eq!((part, rest / scale), (product / sum, product % sum));
    }

    #[test]
    fn printing_and_reading_is_the_same_money(minor in -1_000_000_000_000_000..=1_000_000_000_000_000_i64, at in 0..160_usize) {
        let Some(currency) = Currency::all().nth(at) else { return Ok(()) };
        let money = Money::new(minor, currency);
        prop_assert_eq!(Money::parse(&money.amount(), currency), Ok(money));
    }

    #[test]
    fn parts_sum_to_the_whole(total: i64, weights in prop::collection::vec(0..(1_u64 << 40), 1..40)) {
        let parts = split_largest_remainder(total, &weights);
        prop_assert_eq!(parts.iter().copied().map(i128::from).sum::<i128>(), i128::from(total));
        let sum: i128 = weights.iter().copied().map(i128::from).sum();
        for (part, weight) in parts.iter().zip(&weights).filter(|_| sum > 0) {
            let off = i128::from(*part) * sum - i128::from(total) * i128::from(*weight);
            prop_assert!(off.abs() < sum, "a part is off by a whole unit or more");
        }
    }

    #[test]
    fn rounding_is_off_by_half_at_most(dividend in -(1_i128 << 100)..(1_i128 << 100), divisor in 1..1_000_000_i128) {
        let rounded = divide_half_even(dividend, divisor);
        prop_assert!((dividend - rounded * divisor).abs() * 2 <= divisor);
    }
}

#[test]
fn a_rate_is_exact_the_other_way_round_and_by_way_of_a_third_currency() {
    let (eur_usd, eur_jpy) = (Rate::e10(10_850_000_000), Rate::e10(1_600_000_000_000));
    let usd_jpy = eur_usd.inverse().times(eur_jpy).unwrap();
    let dollars = Money::parse("54250.00", "USD".parse().unwrap()).unwrap();
    assert_eq!(dollars.at(eur_usd.inverse(), "EUR".parse().unwrap()).unwrap().amount(), "50000.00");
    assert_eq!(dollars.at(usd_jpy, "JPY".parse().unwrap()).unwrap().amount(), "8000000");
    assert_eq!(usd_jpy.times(usd_jpy.inverse()), Some(Rate::PAR));
}

#[test]
fn a_rate_is_kept_with_ten_decimals_only_where_that_is_exact() {
    assert_eq!(Rate::e10(12_500_000_000).inverse().as_e10(), Some(8_000_000_000));
    assert_eq!(Rate::e10(10_850_000_000).inverse().as_e10(), None);
}
