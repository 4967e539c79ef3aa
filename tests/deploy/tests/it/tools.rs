//! The tools of a deployment, in a virtual environment of the test's own, and what they build.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the tools are, with their versions.
const REQUIREMENTS: &str = include_str!("../../requirements.txt");
/// The last file of a virtual environment: it holds the requirements that were installed.
const INSTALLED: &str = "requirements.installed";

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Where the tools are.
#[derive(Debug)]
pub(crate) struct Tools {
    bin: PathBuf,
}

impl Tools {
    /// Installs what is not there yet; `None` (loudly) on a machine without Python or without a way
    /// to its packages.
    pub(crate) fn ready() -> Option<Self> {
        let home = root().join("target/deploy-venv");
        let tools = Self { bin: home.join("bin") };
        let noted = std::fs::read_to_string(home.join(INSTALLED)).unwrap_or_default();
        if noted == REQUIREMENTS {
            return Some(tools);
        }
        match tools.install(&home) {
            Ok(()) => Some(tools),
            Err(fault) => {
                println!("SKIPPED: nothing was deployed: {fault}");
                None
            }
        }
    }

    fn install(&self, home: &Path) -> Result<(), String> {
        let mut venv = Command::new("python3");
        run(venv.args(["-m", "venv", "--clear"]).arg(home))?;
        let (alone, others): (Vec<_>, Vec<_>) = REQUIREMENTS
            .lines()
            .filter(|line| line.contains("=="))
            .partition(|line| line.starts_with("cargo-lambda"));
        run(self.pip().args(others))?;
        run(self.pip().arg("--no-deps").args(alone))?;
        std::fs::write(home.join(INSTALLED), REQUIREMENTS).map_err(|e| e.to_string())
    }

    fn pip(&self) -> Command {
        let mut pip = self.command("python");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip
    }

    /// One of the tools.
    pub(crate) fn command(&self, name: &str) -> Command {
        Command::new(self.bin.join(name))
    }

    /// Builds every function as `cargo lambda` does, to where the template looks for it.
    ///
    /// The selection is that of `cargo test --workspace`, so that features are unified as they were
    /// for this very test; see `CONTRIBUTING.md` for what that saves.
    pub(crate) fn build_functions(&self) {
        let mut build = self.command("cargo-lambda");
        build.args(["lambda", "build", "--compiler", "cargo", "--profile", "dev"]).args(SELECTION);
        run(in_workspace(&mut build))
            .unwrap_or_else(|fault| panic!("the functions cannot be built: {fault}"));
        strip_functions();
        put_back();
    }
}

/// What `cargo test --workspace` builds.
const SELECTION: [&str; 4] = ["--workspace", "--bins", "--tests", "--locked"];

/// The same command as a person at the root would give it: what cargo tells this test about its own
/// package would be news to the build scripts.
fn in_workspace(command: &mut Command) -> &mut Command {
    let own = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_", "CARGO_CRATE_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(own) {
            command.env_remove(name);
        }
    }
    command.current_dir(root())
}

/// Lays the binaries where cargo had them: `cargo lambda` moves all of them away, also those that the
/// journeys are about to start. Nothing is compiled, only linked to where it was.
fn put_back() {
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    run(in_workspace(build.arg("build").args(SELECTION)))
        .unwrap_or_else(|fault| panic!("the binaries cannot be put back: {fault}"));
}

/// Takes the line tables out of what was built: two fifths of what would be packed and uploaded.
/// Without the program nothing but time is lost.
fn strip_functions() {
    for folder in std::fs::read_dir(root().join("functions")).unwrap() {
        let built = root().join("target/lambda").join(folder.unwrap().file_name());
        drop(run(Command::new("strip").arg(built.join("bootstrap"))));
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<Output, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{name} ended with {}\n{out}\n{err}", output.status))
}
