//! Whose name PostgreSQL runs under: it refuses to run as root.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::failure::{Context, Failure, Result};
use crate::process::probe;

/// An unprivileged user.
#[derive(Clone, Debug)]
pub(super) enum Account {
    /// We are not root: the cluster is simply ours.
    Ourselves,
    Other {
        name: &'static str,
        uid: u32,
        gid: u32,
    },
}

impl Account {
    /// Ourselves, or when we are root `postgres` if there is such a user, else `nobody`.
    pub(super) fn choose() -> Result<Account> {
        if our_uid()? != 0 {
            return Ok(Account::Ourselves);
        }
        let other = |name| Some(Account::Other { name, uid: id(&["-u", name])?, gid: id(&["-g", name])? });
        let account = other("postgres").or_else(|| other("nobody"));
        account.ok_or_else(|| {
            Failure::new("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")
        })
    }

    /// Makes the program run under this account, in `folder`, with nothing of our environment but `PATH`.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear().env("LC_ALL", "C").env("TZ", "UTC");
        if let Some(path) = crate::process::environment("PATH") {
            command.env("PATH", path);
        }
        if let Account::Other { uid, gid, .. } = self {
            // Setting the uid as root also drops the supplementary groups.
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Makes a folder that belongs to this account and that it can reach.
    ///
    /// # Errors
    /// It exists, cannot be made, or a folder above it keeps the account out.
    pub(super) fn make_folder(&self, folder: &Path) -> Result<()> {
        fs::create_dir(folder).context(|| format!("cannot make {}", folder.display()))?;
        let handed_over = match self {
            Account::Ourselves => Ok(()),
            Account::Other { uid, gid, .. } => chown(folder, Some(*uid), Some(*gid)),
        };
        let test = || probe(self.command(Path::new("sh"), folder).args(["-c", "test -w ."]));
        if handed_over.is_ok() && test().is_some() {
            return Ok(());
        }
        fs::remove_dir(folder).context(|| format!("cannot remove {}", folder.display()))?;
        Err(Failure::new(format!("{self} cannot write in {}", folder.display())))
    }
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Account::Ourselves => f.write_str("this user"),
            Account::Other { name, .. } => write!(f, "user {name}"),
        }
    }
}

pub(super) fn our_uid() -> Result<u32> {
    id(&["-u"]).ok_or_else(|| Failure::new("`id -u` does not tell who we are"))
}

fn id(arguments: &[&str]) -> Option<u32> {
    probe(Command::new("id").args(arguments))?.parse().ok()
}
