//! One account, one id: which participant an account is, kept by a hash of the account's id, never the id itself.
//!
//! Two small objects say it in both directions: `_fitbit_hr/accounts/HASH.json` names the participant, and
//! `_fitbit_hr/participants/ID.json` the hash.

use super::error;
use super::id::Id;
use crate::objects::{Error, Objects};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The folder of participants.
pub const PARTICIPANTS: &str = "_fitbit_hr/participants";
const ACCOUNTS: &str = "_fitbit_hr/accounts";

#[derive(Debug, Serialize, Deserialize)]
struct OfAccount {
    participant: Id,
}

#[derive(Debug, Serialize, Deserialize)]
struct OfParticipant {
    account: String,
}

fn hash(account: &str) -> String {
    let digest = Sha256::digest(format!("fitbit-hr study account {}", account.trim()));
    format!("{digest:x}")
}

fn of_participant(id: &Id) -> String {
    format!("{PARTICIPANTS}/{id}.json")
}

fn of_account(hash: &str) -> String {
    format!("{ACCOUNTS}/{hash}.json")
}

fn read<T: for<'a> Deserialize<'a>>(objects: &dyn Objects, name: &str) -> Result<Option<T>, Error> {
    let bytes = objects.read(name)?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Makes the account this participant's.
///
/// # Errors
/// Fails when one of the two is somebody else's already, and when the store cannot be read or written.
pub fn claim(objects: &dyn Objects, id: &Id, account: &str) -> Result<(), error::Error> {
    let hash = hash(account);
    if let Some(known) = read::<OfParticipant>(objects, &of_participant(id))? {
        return if known.account == hash {
            Ok(())
        } else {
            Err(error::Error::OtherAccount(id.clone()))
        };
    }
    let name = of_account(&hash);
    let mine = bytes(&OfAccount {
        participant: id.clone(),
    });
    // Whoever came first is read back: a bucket may pass over the condition.
    objects.replace(&name, None, &mine)?;
    match read::<OfAccount>(objects, &name)? {
        Some(owner) if owner.participant != *id => {
            return Err(error::Error::AccountTwice {
                id: id.clone(),
                other: owner.participant,
            });
        }
        Some(_) => {}
        None => objects.put(&name, &mine)?,
    }
    let mine = bytes(&OfParticipant { account: hash });
    Ok(objects.put(&of_participant(id), &mine)?)
}

/// Whether the participant was ever enrolled here.
///
/// # Errors
/// Fails when the store cannot be read.
pub fn knows(objects: &dyn Objects, id: &Id) -> Result<bool, Error> {
    Ok(objects.read(&of_participant(id))?.is_some())
}

/// The participants that were ever enrolled, and not erased.
///
/// # Errors
/// As [`knows`].
pub fn participants(objects: &dyn Objects) -> Result<Vec<Id>, Error> {
    let listed = objects.list(PARTICIPANTS)?;
    let id = |name: &str| name.rsplit('/').next()?.strip_suffix(".json")?.parse().ok();
    Ok(listed
        .iter()
        .filter_map(|object| id(&object.name))
        .collect())
}

/// Forgets which account the participant is.
///
/// # Errors
/// Fails when the store cannot be read or written.
pub fn forget(objects: &dyn Objects, id: &Id) -> Result<(), Error> {
    if let Some(known) = read::<OfParticipant>(objects, &of_participant(id))? {
        let name = of_account(&known.account);
        let owner = read::<OfAccount>(objects, &name)?;
        if owner.is_some_and(|owner| owner.participant == *id) {
            objects.delete(&name)?;
        }
    }
    objects.delete(&of_participant(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Folder;

    #[test]
    fn an_account_is_one_participant_until_that_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let objects = Folder::new(folder.path().to_owned(), "_fitbit_hr/lock");
        let [a, b] = ["P001", "P002"].map(|id| id.parse::<Id>().expect("an id"));
        let claim = |id: &Id, account: &str| claim(&objects, id, account);
        assert!(claim(&a, "111").is_ok() && claim(&a, " 111 ").is_ok());
        let twice = claim(&b, "111");
        assert!(matches!(twice, Err(error::Error::AccountTwice { other, .. }) if other == a));
        let another = claim(&a, "222");
        assert!(matches!(another, Err(error::Error::OtherAccount(id)) if id == a));
        assert_eq!(
            participants(&objects).expect("listed"),
            std::slice::from_ref(&a)
        );
        assert!(knows(&objects, &a).expect("read") && !knows(&objects, &b).expect("read"));
        for object in objects.list("").expect("listed") {
            let bytes = objects
                .read(&object.name)
                .expect("read")
                .unwrap_or_default();
            assert!(!String::from_utf8_lossy(&bytes).contains("\"111\""));
        }
        forget(&objects, &a).expect("forgotten");
        assert_eq!(objects.list("").expect("listed"), []);
        assert!(claim(&b, "111").is_ok());
    }
}
