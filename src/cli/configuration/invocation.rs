//! From what was typed, the variables and the file to the arguments of each job.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches};

use super::super::Usage;
use super::super::arguments::{self, Arguments, Command, Judge};
use super::environment;
use super::file::{self, File};
use super::flag::{Flags, Kind};
use super::given::{Given, Place};
use super::merge::{merge, needs};

/// What the program is called to do.
pub(in crate::cli) enum Invocation {
    Command(Command),
    /// The main job, once for each target.
    Judge(Vec<Job>),
}

/// One target to judge.
pub(in crate::cli) struct Job {
    /// What the configuration file calls the target.
    pub name: Option<String>,
    pub arguments: Judge,
    untyped: Vec<Untyped>,
}

/// A flag that was not typed.
struct Untyped {
    name: String,
    /// Messages about a file begin with its path.
    path: Option<String>,
    place: String,
}

impl Untyped {
    fn note(&self) -> String {
        format!("\n  --{} stands in {}", self.name, self.place)
    }
}

impl From<&Given<'_>> for Untyped {
    fn from(given: &Given) -> Self {
        let path = given.values.first().filter(|_| given.flag.kind == Kind::Path);
        Untyped { name: given.flag.name.clone(), path: path.cloned(), place: given.place.to_string() }
    }
}

impl Job {
    /// A job whose flags were all typed.
    pub fn typed(name: Option<String>, arguments: Judge) -> Self {
        Job { name, arguments, untyped: Vec::new() }
    }

    /// Says which target the message is about, where there are several, and where the flags stand that it names.
    pub fn explain(&self, usage: Usage) -> Usage {
        let name = self.name.as_ref().map(|name| format!("target {name}: ")).unwrap_or_default();
        Usage(format!("{name}{usage}{}", notes(&self.untyped, &usage.0)))
    }
}

/// Why the program does not go on.
pub(in crate::cli) enum Stop {
    Usage(Usage),
    /// What the parser has to say, help among it, and where the flags stand that it names.
    Parser {
        error: clap::Error,
        notes: String,
    },
}

impl From<Usage> for Stop {
    fn from(usage: Usage) -> Self {
        Stop::Usage(usage)
    }
}

impl From<clap::Error> for Stop {
    fn from(error: clap::Error) -> Self {
        Stop::Parser { error, notes: String::new() }
    }
}

/// Reads what was typed and, for the main job, the variables and the file.
///
/// # Errors
///
/// Where the program does not go on: help was asked for, or something is wrong.
pub(in crate::cli) fn read(typed: Vec<OsString>) -> Result<Invocation, Stop> {
    let flags = Flags::of(arguments::command(typed.iter().any(|word| word == "-h")));
    let matches = match flags.lenient.clone().try_get_matches_from(&typed) {
        Ok(matches) if matches.subcommand().is_none() => matches,
        // The command as it is says it better.
        _ => return subcommand(&flags, &typed),
    };
    if let Err(error) = flags.strict.clone().try_get_matches_from(&typed)
        && error.kind() == ErrorKind::ArgumentConflict
    {
        // Nothing that a file says mends this.
        return Err(error.into());
    }
    let typed_flags = typed_flags(&flags, &matches);
    let variables = environment::read(&flags, |name| env::var_os(name))
        .map_err(|wrong| all(wrong.iter().map(ToString::to_string), "the environment"))?;
    let path = path(&[&typed_flags, &variables]);
    let file = match &path {
        Some(path) => {
            let name = path.display().to_string();
            file::read(path, &flags).map_err(|wrong| all(wrong.into_iter(), &name))?
        }
        None => File::default(),
    };
    let layers = Layers { flags: &flags, typed: &typed, typed_flags, variables, file };
    let jobs = layers.jobs()?;
    Ok(Invocation::Judge(jobs))
}

fn subcommand(flags: &Flags, typed: &[OsString]) -> Result<Invocation, Stop> {
    let arguments = flags.strict.clone().try_get_matches_from(typed)?;
    let arguments = Arguments::from_arg_matches(&arguments)?;
    match arguments.command {
        Some(command) => Ok(Invocation::Command(command)),
        // The parser takes no command line that it refused when it asked for less.
        None => Ok(Invocation::Judge(vec![Job::typed(None, arguments.judge)])),
    }
}

fn all(wrong: impl ExactSizeIterator<Item = String>, place: &str) -> Usage {
    let errors = if wrong.len() == 1 { "error" } else { "errors" };
    let heading = format!("{} {errors} in {place}\n", wrong.len());
    Usage(wrong.fold(heading, |text, line| format!("{text}\n  {line}")))
}

fn typed_flags<'f>(flags: &'f Flags, matches: &ArgMatches) -> Vec<Given<'f>> {
    let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let arguments = flags.lenient.get_arguments().filter(|arg| typed(arg.get_id().as_str()));
    let given = arguments.filter_map(|arg| {
        let flag = flags.iter().find(|flag| flag.is(arg.get_id()))?;
        let values = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
        let values = values.map(|value| value.to_string_lossy().into_owned()).collect();
        Some(Given { flag, values, place: Place::CommandLine })
    });
    given.collect()
}

/// The file to read: the one that is named, none, or the nearest. The first layer that says anything decides.
fn path(layers: &[&Vec<Given>]) -> Option<PathBuf> {
    let find = |layer: &&Vec<Given>, name: &str| {
        layer.iter().find(|given| given.flag.name == name && given.is_on()).cloned().map(|it| it.values)
    };
    let said = layers.iter().find_map(|layer| match (find(layer, "config"), find(layer, "no-config")) {
        (Some(values), _) => Some(values.first().map(PathBuf::from)),
        (None, Some(_)) => Some(None),
        (None, None) => None,
    });
    said.unwrap_or_else(|| file::find(&env::current_dir().ok()?))
}

/// Everything that was said, strongest first.
struct Layers<'f> {
    flags: &'f Flags,
    typed: &'f [OsString],
    typed_flags: Vec<Given<'f>>,
    variables: Vec<Given<'f>>,
    file: File<'f>,
}

/// Flags of which one at most says what is judged.
const WHICH: [&str; 3] = ["target", "target-name", "all-targets"];

fn says_which(given: &Given) -> bool {
    WHICH.contains(&&*given.flag.name)
}

impl<'f> Layers<'f> {
    /// The jobs that the strongest layer asks for that says anything of targets. Without a word of any, the file's one
    /// named target is judged.
    fn jobs(&self) -> Result<Vec<Job>, Stop> {
        let layers = [&self.typed_flags, &self.variables, &self.file.top];
        let which = layers
            .into_iter()
            .map(|layer| Vec::from_iter(layer.iter().filter(|given| says_which(given) && given.is_on())));
        let which = which.into_iter().find(|which| !which.is_empty()).unwrap_or_default();
        match (&which[..], &self.file.targets[..]) {
            ([one, other, ..], _) => {
                let (one, other) = (&one.flag.name, &other.flag.name);
                Err(Usage(format!("--{one} and --{other} exclude each other: give one of them")).into())
            }
            ([given], targets) => match &*given.flag.name {
                "all-targets" => self.every(targets),
                "target-name" => {
                    let name = given.values.first().map_or("", String::as_str);
                    let target = targets.iter().find(|(known, _)| known == name);
                    let target = target.ok_or_else(|| self.unknown(name))?;
                    Ok(vec![self.named(target)?])
                }
                _ => Ok(vec![self.job(None, &[])?]),
            },
            ([], [target]) => Ok(vec![self.named(target)?]),
            ([], _) => Err(Usage(format!("no target: give --target URL{}", self.alternatives())).into()),
        }
    }

    fn every(&self, targets: &[(String, Vec<Given<'f>>)]) -> Result<Vec<Job>, Stop> {
        if targets.is_empty() {
            return Err(Usage(format!("--all-targets: {}", self.no_targets())).into());
        }
        // They share one report.
        let mut own = targets.iter().flat_map(|(_, layer)| layer).filter(|given| given.flag.of_reports);
        if let Some(given) = own.next() {
            let what = "all targets share one report; say it outside their tables";
            return Err(Usage(format!("{}: {}: {what}", given.place, given.flag.name)).into());
        }
        targets.iter().map(|target| self.named(target)).collect()
    }

    fn named(&self, (name, table): &(String, Vec<Given<'f>>)) -> Result<Job, Stop> {
        if !table.iter().any(|given| given.flag.name == "target") {
            return Err(Usage(format!("{}: targets.{name} has no url", self.file.name)).into());
        }
        self.job(Some(name), table)
    }

    /// One job. The table of a named target stands before the rest of the file, and its `url` before every other target.
    fn job(&self, name: Option<&String>, table: &[Given<'f>]) -> Result<Job, Stop> {
        let others = |layer: &[Given<'f>]| {
            let url = |given: &Given| name.is_none() && given.flag.name == "target";
            let given = layer.iter().filter(|given| !says_which(given) || url(given));
            given.cloned().collect::<Vec<_>>()
        };
        let layers =
            [others(&self.typed_flags), others(&self.variables), table.to_vec(), others(&self.file.top)];
        let merged = merge(self.flags, &layers);
        let added = Vec::from_iter(merged.iter().filter(|given| given.place != Place::CommandLine));
        let program = self.typed.iter().take(1).cloned();
        let line = program.chain(added.iter().flat_map(|given| given.typed()));
        let line = line.chain(self.typed.iter().skip(1).cloned());
        let parsed = self.flags.strict.clone().try_get_matches_from(line);
        let parsed = parsed.and_then(|matches| Arguments::from_arg_matches(&matches));
        // What was typed too is not to be looked for in the file.
        let typed = |given: &Given| self.typed_flags.iter().any(|typed| typed.flag == given.flag);
        let untyped = added.iter().filter(|given| !typed(given)).map(|given| Untyped::from(*given));
        match parsed {
            Ok(arguments) => {
                Ok(Job { name: name.cloned(), arguments: arguments.judge, untyped: untyped.collect() })
            }
            Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
                // The parser names what is missing, and not what needs it.
                let needy = added.iter().filter(|given| !needs(given, self.flags).is_empty());
                let notes = needy.map(|given| Untyped::from(*given).note()).collect();
                Err(Stop::Parser { error, notes })
            }
            Err(error) => {
                let notes = notes(&Vec::from_iter(untyped), &error.to_string());
                Err(Stop::Parser { error, notes })
            }
        }
    }

    fn unknown(&self, name: &str) -> Usage {
        match self.file.targets.is_empty() {
            true => Usage(format!("--target-name {name}: {}", self.no_targets())),
            false => {
                Usage(format!("--target-name {name}: {} names {}", self.file.name, self.names().join(", ")))
            }
        }
    }

    fn no_targets(&self) -> String {
        match &*self.file.name {
            "" => "there is no arp-conformance.toml here or above; name one with --config".to_owned(),
            name => format!("{name} has no table [targets.NAME]"),
        }
    }

    fn names(&self) -> Vec<&str> {
        self.file.targets.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn alternatives(&self) -> String {
        match self.file.targets.is_empty() {
            true => ", or write it into arp-conformance.toml as target = \"URL\"".to_owned(),
            false => {
                let (file, names) = (&self.file.name, self.names().join(", "));
                format!(", --target-name NAME or --all-targets; {file} names {names}")
            }
        }
    }
}

/// A line for each flag that was not typed and that the first line of a message names, or begins with its path.
fn notes(untyped: &[Untyped], message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let words = first.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    let words: Vec<&str> = words.collect();
    let named = untyped.iter().filter(|Untyped { name, path, .. }| {
        let begins = |path: &String| first.starts_with(&format!("{path} "));
        words.contains(&&*format!("--{name}")) || path.as_ref().is_some_and(begins)
    });
    named.map(Untyped::note).collect()
}
