//! Finds PostgreSQL's programs on this machine, or installs Debian's where that is allowed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::account::our_uid;
use crate::failure::{Failure, Result};
use crate::process::{environment, probe};

/// Folder that holds `initdb` and `postgres`.
///
/// # Errors
/// There is none and it cannot be installed; the message is one line that says how to get it.
pub(super) fn find_or_install() -> Result<PathBuf> {
    if let Some(programs) = Places::of_this_machine().find() {
        return Ok(programs);
    }
    if let Some(privilege) = Privilege::of_this_process().filter(|_| is_debian()) {
        eprintln!("postgres: no `initdb` on this machine, installing Debian's with apt-get");
        install(privilege)?;
        if let Some(programs) = Places::of_this_machine().find() {
            return Ok(programs);
        }
    }
    Err(Failure::new(HOW_TO_GET_IT))
}

const HOW_TO_GET_IT: &str = "PostgreSQL's `initdb` is missing: get it with `sudo apt-get install postgresql` or \
     `brew install postgresql`, or leave PostgreSQL out with `cargo xtask test --sqlite-only`";

/// Where to look, in this order.
#[derive(Debug, Default)]
struct Places {
    /// Folders of `PATH`.
    path: Vec<PathBuf>,
    /// Folders with one folder per version in them; of the newest, `bin` or the folder itself is meant.
    versions: Vec<Versions>,
    /// Answer of `pg_config --bindir`.
    pg_config: Option<PathBuf>,
}

/// Folders `parent/prefix<version>…`.
#[derive(Debug)]
struct Versions {
    parent: PathBuf,
    prefix: &'static str,
}

impl Places {
    fn of_this_machine() -> Places {
        let versions = [
            ("/usr/lib/postgresql", ""),    // Debian
            ("/usr", "pgsql-"),             // postgresql.org for Red Hat
            ("/usr/libexec", "postgresql"), // Alpine
            ("/opt/homebrew/opt", "postgresql@"),
            ("/usr/local/opt", "postgresql@"),
            ("/Applications/Postgres.app/Contents/Versions", ""),
        ];
        let versions = versions.map(|(parent, prefix)| Versions { parent: parent.into(), prefix });
        Places {
            path: environment("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default(),
            versions: versions.into(),
            pg_config: probe(Command::new("pg_config").arg("--bindir")).map(PathBuf::from),
        }
    }

    fn find(&self) -> Option<PathBuf> {
        let on_path = self.path.iter().find_map(|folder| programs_beside(folder));
        let newest = || self.versions.iter().find_map(Versions::newest);
        on_path.or_else(newest).or_else(|| self.pg_config.as_deref().and_then(programs_beside))
    }
}

impl Versions {
    fn newest(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(&self.parent).ok()?;
        let installed = entries.filter_map(|entry| {
            let folder = entry.ok()?.path();
            let version = version(folder.file_name()?.to_str()?.strip_prefix(self.prefix)?)?;
            let programs = programs_beside(&folder.join("bin")).or_else(|| programs_beside(&folder))?;
            Some((version, programs))
        });
        installed.max().map(|(_, programs)| programs)
    }
}

/// The folder where `folder/initdb` really lies, if `postgres` lies beside it.
fn programs_beside(folder: &Path) -> Option<PathBuf> {
    let initdb = folder.join("initdb").canonicalize().ok()?;
    let programs = initdb.parent()?;
    programs.join("postgres").is_file().then(|| programs.to_path_buf())
}

/// `17` and `9.6` as something to compare.
fn version(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|number| number.parse().ok()).collect()
}

fn is_debian() -> bool {
    let Ok(release) = fs::read_to_string("/etc/os-release") else {
        return false;
    };
    describes_debian(&release) && Path::new("/usr/bin/apt-get").exists()
}

fn describes_debian(os_release: &str) -> bool {
    let ids = os_release.lines().filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")));
    ids.flat_map(|ids| ids.trim_matches('"').split(' ')).any(|id| id == "debian" || id == "ubuntu")
}

#[derive(Clone, Copy, Debug)]
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn of_this_process() -> Option<Privilege> {
        if our_uid().is_ok_and(|uid| uid == 0) {
            return Some(Privilege::Root);
        }
        probe(Command::new("sudo").args(["-n", "true"])).map(|_| Privilege::Sudo)
    }
}

fn install(privilege: Privilege) -> Result<()> {
    let mut command = match privilege {
        Privilege::Root => Command::new("sh"),
        Privilege::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "sh"]);
            sudo
        }
    };
    command.current_dir("/").arg("-ec").arg(INSTALL).stdin(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("`apt-get install postgresql` failed ({status}); {HOW_TO_GET_IT}"))),
        Err(error) => Err(Failure::new(format!("cannot run `apt-get`: {error}; {HOW_TO_GET_IT}"))),
    }
}

/// The package would make a cluster of its own and start it; a setting that lies there during the installation only
/// prevents that.
const INSTALL: &str = "\
settings=/etc/postgresql-common/createcluster.d
mkdir -p $settings
echo 'create_main_cluster = false' >$settings/routemate-xtask.conf
trap 'rm -f $settings/routemate-xtask.conf' EXIT
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=120 update -qq
apt-get -o DPkg::Lock::Timeout=120 install -qq -y --no-install-recommends postgresql";

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs in folders of their own below the temporary folder, gone at the end.
    struct Machine(PathBuf);

    impl Machine {
        fn with(name: &str, programs: &[&str]) -> Machine {
            let root = std::env::temp_dir().join(format!("xtask-server-{}-{name}", std::process::id()));
            for program in programs {
                let file = root.join(program);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, "").unwrap();
            }
            fs::create_dir_all(&root).unwrap();
            Machine(root.canonicalize().unwrap())
        }

        fn versions(&self, prefix: &'static str) -> Places {
            let versions = Versions { parent: self.0.join("versions"), prefix };
            Places { path: vec![self.0.join("bin")], versions: vec![versions], pg_config: None }
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn newest_version_is_taken_by_number() {
        let programs = ["9.6", "15", "17", "x"]
            .map(|version| ["initdb", "postgres"].map(|program| format!("versions/pg{version}/bin/{program}")));
        let programs: Vec<_> = programs.iter().flatten().map(String::as_str).collect();
        let machine = Machine::with("newest", &programs);
        assert_eq!(machine.versions("pg").find(), Some(machine.0.join("versions/pg17/bin")));
    }

    #[test]
    fn path_comes_first() {
        let machine = Machine::with(
            "path",
            &["bin/initdb", "bin/postgres", "versions/15/bin/initdb", "versions/15/bin/postgres"],
        );
        assert_eq!(machine.versions("").find(), Some(machine.0.join("bin")));
    }

    #[test]
    fn initdb_without_a_server_is_not_enough() {
        let machine = Machine::with("client", &["bin/initdb"]);
        assert_eq!(machine.versions("").find(), None);
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let machine = Machine::with("nothing", &[]);
        assert_eq!(machine.versions("").find(), None);
        assert_eq!(Places::default().find(), None);
    }

    #[test]
    fn advice_is_one_line() {
        assert_eq!(HOW_TO_GET_IT.lines().count(), 1);
    }

    #[test]
    fn debian_and_its_children_are_known() {
        assert!(describes_debian("NAME=x\nID=debian\n"));
        assert!(describes_debian("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!describes_debian("ID=fedora\n"));
    }
}
