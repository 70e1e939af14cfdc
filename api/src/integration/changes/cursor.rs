//! A place in one organisation's feed as one reader sees it. It holds no secret: whoever makes one up reads no more
//! than their rights show.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{
    id::{OrganizationId, RowId},
    word::Word,
};
use sha2::{Digest, Sha256};

use crate::{
    actor::{Actor, Permission, Scope},
    error::{Error, Result},
    store::Access,
};

const FORM: u8 = 1;

/// Whose cursor it is: another organisation's is refused, one made under other rights has expired.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    organization: [u8; 8],
    epoch: [u8; 8],
}

/// What a cursor says.
pub struct Place {
    pub seq: i64,
    pub reader: Reader,
}

impl Reader {
    /// Changes with the reader's rights, and where these go by team or tree, with those too.
    pub async fn of(access: &Access) -> Result<Self> {
        let actor = access.actor();
        let mut rights = Sha256::new();
        rights.update(actor.user.map(RowId::uuid).unwrap_or_default());
        let mut circle = false;
        for permission in Permission::all() {
            if let Some(reach) = actor.rights.reach(permission) {
                rights.update(format!("{} {} {};", permission.word(), reach.scope.word(), reach.unassigned));
                circle |= matches!(reach.scope, Scope::Team | Scope::Subtree);
            }
            for (team, reach) in actor.rights.in_teams(permission) {
                rights.update(format!("{} {} {team};", permission.word(), reach.scope.word()));
                circle = true;
            }
        }
        if circle {
            let mut users = access.circle().await?;
            users.sort_unstable();
            for user in users {
                rights.update(user);
            }
        }
        Ok(Self { organization: organization(actor), epoch: short(rights) })
    }

    pub fn at(self, seq: i64) -> String {
        let seq = seq.to_be_bytes();
        let bytes: Vec<u8> = [&[FORM][..], &self.organization, &self.epoch, &seq].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub fn same_organization(self, other: Self) -> bool {
        self.organization == other.organization
    }
}

fn organization(actor: &Actor) -> [u8; 8] {
    let id: OrganizationId = actor.organization;
    short(Sha256::new_with_prefix(id.uuid()))
}

fn short(digest: Sha256) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest.finalize()[..8]);
    bytes
}

/// Reads a cursor, whoever it belongs to.
pub fn parse(text: &str) -> Result<Place> {
    let wrong = || Error::BadInput("after: not a cursor of this feed".into());
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let [FORM, rest @ ..] = bytes.as_slice() else { return Err(wrong()) };
    let part = |at: usize| rest.get(at..at + 8).and_then(|b| <[u8; 8]>::try_from(b).ok()).ok_or_else(wrong);
    let (reader, seq) = (Reader { organization: part(0)?, epoch: part(8)? }, i64::from_be_bytes(part(16)?));
    if rest.len() == 24 && seq >= 0 { Ok(Place { seq, reader }) } else { Err(wrong()) }
}
