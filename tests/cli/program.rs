//! The program under test, and the targets that it is pointed at.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use insta::Settings;
use tempfile::TempDir;

/// The program with arguments, in a world that says nothing to it: no variables that it reads, lines so long that
/// nothing is wrapped, and a proxy that it has to leave alone.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arp-conformance"));
    let own = std::env::vars_os().map(|(name, _)| name);
    own.filter(|name| name.to_string_lossy().starts_with("ARP_"))
        .for_each(|name| _ = command.env_remove(name));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:1");
    }
    command.env("COLUMNS", "1000").args(arguments).stdin(Stdio::null());
    command
}

/// What the program did once it ended.
pub struct Done {
    pub stdout: String,
    pub stderr: String,
    /// None where a signal ended it.
    pub code: Option<i32>,
}

pub fn run(command: &mut Command) -> Done {
    let done = command.output().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    Done { stdout: text(done.stdout), stderr: text(done.stderr), code: done.status.code() }
}

/// A folder to run the program in, and a record of what it said there.
pub struct Session {
    pub folder: TempDir,
    record: String,
}

impl Session {
    pub fn new() -> Self {
        Session { folder: TempDir::new().unwrap(), record: String::new() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Runs the program and keeps what it printed, as it would look in a terminal; lines of standard error are marked.
    pub fn run(&mut self, arguments: &[&str]) -> Done {
        self.run_with(&[], arguments)
    }

    /// Runs it with variables of the environment, which the record shows in front.
    pub fn run_with(&mut self, variables: &[(&str, &str)], arguments: &[&str]) -> Done {
        let mut command = program(arguments);
        let done = run(command.envs(variables.iter().copied()).current_dir(self.path()));
        let quoted = arguments.iter().map(|it| match it.contains([' ', '{', '"', '?']) || it.is_empty() {
            true => format!(" '{it}'"),
            false => format!(" {it}"),
        });
        let variables: String = variables.iter().map(|(name, value)| format!("{name}={value:?} ")).collect();
        let quoted: String = quoted.collect();
        self.record += &format!("$ {variables}arp-conformance{quoted}\n{}", done.stdout);
        done.stderr.lines().for_each(|line| self.record += &format!("2> {line}\n"));
        self.record += &match done.code {
            Some(code) => format!("[exit {code}]\n\n"),
            None => "[signal]\n\n".to_owned(),
        };
        done
    }

    /// Holds all that was said against the golden file, without what differs from run to run.
    pub fn assert(self, name: &str) {
        let mut settings = Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (pattern, replacement) in [
            (r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]"),
            (r"--port [1-9]\d*", "--port [PORT]"),
            (r"port [1-9]\d*", "port [PORT]"),
            (r"\(os error \d+\)", "(os error [N])"),
            (r"arp-conformance-[0-9a-f]{12}", "arp-conformance-[ID]"),
            (r"run_[0-9A-Za-z_-]{22}", "run_[ID]"),
            (r"(?m)\d+(\.\d+)? m?s$", "[TIME]"),
            (r"\b\d+ (requests?|runs?|checks?|pass|skip|info|must checks?)\b", "[N] $1"),
            (r"(?m)^ +\d+  (not-applicable|not-measured|out-of-scope|blocked)\b", "   [N]  $1"),
            (r"\b\d+ (not-applicable|not-measured|out-of-scope|blocked)\b", "[N] $1"),
            (r"\b\d+ of must level", "[N] of must level"),
            (env!("CARGO_PKG_VERSION"), "[VERSION]"),
        ] {
            settings.add_filter(pattern, replacement);
        }
        settings.bind(|| insta::assert_snapshot!(name, self.record));
    }
}

/// A reference server that the program itself serves, until it is dropped.
pub struct Serving {
    process: Child,
    pub url: String,
    /// A token that it takes, where it looks at tokens.
    pub token: String,
}

impl Serving {
    pub fn start(options: &[&str]) -> Self {
        let arguments = [&["serve", "--port", "0"], options].concat();
        let mut process = program(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let first = lines.next().unwrap();
        let url = first.split_once("listening on ").unwrap().1.to_owned();
        // Only a server that looks at tokens goes on to tell them.
        let token = options.contains(&"--auth").then(|| lines.next().unwrap().replace("valid token: ", ""));
        Serving { process, url, token: token.unwrap_or_default() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port on loopback on which nobody listens.
pub fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
