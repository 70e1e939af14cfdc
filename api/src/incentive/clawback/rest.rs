//! The shares of a sale that are credited to nobody in a run, as they are kept beside those that are: an amount that changes is split
//! among all of them again, to the same cents. Pure.

use entity::id::{RowId, UserId};

use crate::incentive::pay::{plan::SplitRole, split::Share};

pub const ROLES: [SplitRole; 5] =
    [SplitRole::Owner, SplitRole::Sdr, SplitRole::Se, SplitRole::Marketing, SplitRole::Overlay];

pub fn place(role: SplitRole) -> u8 {
    ROLES.iter().position(|one| *one == role).and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
}

/// As "role:user:percent", one behind the other; none where there are none.
pub fn written(shares: &[Share]) -> Option<String> {
    let one = |share: &Share| format!("{}:{}:{}", place(share.role), share.user.uuid().simple(), share.percent);
    let all: Vec<String> = shares.iter().filter(|share| share.role != SplitRole::Overlay).map(one).collect();
    (!all.is_empty()).then(|| all.join(","))
}

pub fn read(text: &str) -> Vec<Share> {
    let one = |part: &str| {
        let mut parts = part.split(':');
        let role = *ROLES.get(parts.next()?.parse::<usize>().ok()?)?;
        let user = UserId::from_uuid(parts.next()?.parse().ok()?);
        Some(Share { role, user, percent: parts.next()?.parse().ok()? })
    };
    text.split(',').filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn shares_read_back_and_overlays_are_no_part_of_the_whole() {
        let share =
            |number: u128, role| Share { role, user: UserId::from_uuid(Uuid::from_u128(number)), percent: 2_000 };
        let (sdr, marketing) = (share(1, SplitRole::Sdr), share(2, SplitRole::Marketing));
        let text = written(&[sdr, share(3, SplitRole::Overlay), marketing]).unwrap();
        assert_eq!(read(&text), [sdr, marketing]);
        assert!(written(&[share(3, SplitRole::Overlay)]).is_none() && read("x:y").is_empty());
    }
}
