//! Whether two words are the same but for a slip of the pen. Pure.

use strsim::osa_distance;

/// How alike two words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    No,
    /// A few letters are wrong, missing, double or swapped.
    Nearly,
    Same,
}

/// Letters that one has and the other lacks: never more than the letters they differ by, and cheaper to count.
pub fn letters_apart(one: &str, other: &str) -> usize {
    let mut counts = [0i16; 64];
    one.chars().for_each(|c| counts[c as usize & 63] += 1);
    other.chars().for_each(|c| counts[c as usize & 63] -= 1);
    let (more, less) = counts.iter().fold((0i16, 0i16), |(m, l), n| (m + (*n).max(0), l - (*n).min(0)));
    usize::from(more.max(less).unsigned_abs())
}

/// At most so many slips apart.
pub fn within(one: &str, other: &str, slips: usize) -> bool {
    letters_apart(one, other) <= slips && osa_distance(one, other) <= slips
}

/// Words of up to 5 letters may have one slip, of up to 9 two, longer ones three; or the letters are shuffled.
pub fn alike(one: &str, other: &str) -> Alike {
    if one == other {
        return Alike::Same;
    }
    let length = one.chars().count().max(other.chars().count());
    let slips = match length {
        0..=2 => return Alike::No,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let close = length > slips + 1 && within(one, other, slips);
    let shuffled = length >= 5 && letters_apart(one, other) <= 1;
    if close || shuffled { Alike::Nearly } else { Alike::No }
}

/// How a word sounds in English: its first letter and three digits.
pub fn sound(word: &str) -> String {
    let code = |c: char| match c {
        'b' | 'f' | 'p' | 'v' => Some('1'),
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => Some('2'),
        'd' | 't' => Some('3'),
        'l' => Some('4'),
        'm' | 'n' => Some('5'),
        'r' => Some('6'),
        _ => None,
    };
    let mut letters = word.chars();
    let Some(first) = letters.next() else { return String::new() };
    let (mut out, mut last) = (String::from(first), code(first));
    for c in letters {
        let now = code(c);
        if now.is_some() && now != last && out.len() < first.len_utf8() + 3 {
            out.extend(now);
        }
        if !matches!(c, 'h' | 'w') {
            last = now;
        }
    }
    while out.chars().count() < 4 {
        out.push('0');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_forgiven_by_length() {
        for (one, other, how) in [
            ("kelly", "kelly", Alike::Same),
            ("alan", "allan", Alike::Nearly),
            ("alan", "alien", Alike::No),
            ("jones", "jsneo", Alike::Nearly),
            ("griffiths", "griffihs", Alike::Nearly),
            ("al", "am", Alike::No),
            ("tom", "tim", Alike::Nearly),
            ("smith", "jones", Alike::No),
            ("christopher", "cristofer", Alike::Nearly),
        ] {
            assert_eq!(alike(one, other), how, "{one} / {other}");
            assert_eq!(alike(other, one), how, "{other} / {one}");
        }
    }

    #[test]
    fn words_that_sound_alike_share_a_code() {
        for (word, code) in
            [("robert", "r163"), ("rupert", "r163"), ("ashcraft", "a261"), ("tymczak", "t522"), ("lee", "l000")]
        {
            assert_eq!(sound(word), code, "{word}");
        }
    }
}
