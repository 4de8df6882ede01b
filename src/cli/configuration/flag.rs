//! What the parser of the command line knows of each flag. The file and the variables go by it alone, so that a new
//! flag has its key and its variable by being a flag.

use std::any::TypeId;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command, Id};

/// Flags that say which file is read, or which of its targets are judged: a file cannot say that itself.
const ABOUT_THE_FILE: [&str; 4] = ["config", "no-config", "target-name", "all-targets"];

/// The heading of the flags that all targets of one report share.
const REPORTS: &str = "Reports";

/// What a flag's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There or not.
    Switch,
    Number,
    /// In a file it is relative to that file.
    Path,
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flag {
    id: Id,
    /// `token-file`: the flag without dashes, and the key of the file.
    pub name: String,
    pub kind: Kind,
    pub repeated: bool,
    /// What stands between name and value, where the flag takes both: `=` or `: `.
    pub separator: Option<&'static str>,
    /// A file may hold it.
    pub in_file: bool,
    /// It is about the report, which several targets share.
    pub of_reports: bool,
    conflicts: Vec<Id>,
}

impl Flag {
    fn of(arg: &Arg, command: &Command) -> Option<Self> {
        let name = arg.get_long()?.to_owned();
        let value_name =
            arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
        let separators = [": ", "="];
        Some(Flag {
            id: arg.get_id().clone(),
            kind: kind(arg),
            repeated: matches!(arg.get_action(), ArgAction::Append),
            separator: separators.into_iter().find(|separator| value_name.contains(separator)),
            in_file: !ABOUT_THE_FILE.contains(&&*name),
            of_reports: arg.get_help_heading() == Some(REPORTS),
            conflicts: command
                .get_arg_conflicts_with(arg)
                .into_iter()
                .map(|it| it.get_id().clone())
                .collect(),
            name,
        })
    }

    /// `ARP_TOKEN_FILE`
    pub fn variable(&self) -> String {
        format!("ARP_{}", self.name.to_uppercase().replace('-', "_"))
    }

    pub fn excludes(&self, other: &Flag) -> bool {
        self.conflicts.contains(&other.id) || other.conflicts.contains(&self.id)
    }

    pub fn is(&self, id: &Id) -> bool {
        self.id == *id
    }
}

fn kind(arg: &Arg) -> Kind {
    let numbers = [
        TypeId::of::<u8>(),
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<usize>(),
        TypeId::of::<f64>(),
        TypeId::of::<NonZeroU16>(),
        TypeId::of::<NonZeroU32>(),
        TypeId::of::<NonZeroU64>(),
        TypeId::of::<NonZeroUsize>(),
        TypeId::of::<Duration>(),
    ];
    let value = arg.get_value_parser().type_id();
    match arg.get_action() {
        // What may be given twice is given once by a file.
        ArgAction::SetTrue | ArgAction::Count => Kind::Switch,
        _ if value == TypeId::of::<PathBuf>() => Kind::Path,
        _ if numbers.iter().any(|number| value == *number) => Kind::Number,
        _ => Kind::Text,
    }
}

/// The flags of a command, of its main job alone.
pub(super) struct Flags {
    flags: Vec<Flag>,
    /// The command as it is.
    pub strict: Command,
    /// The command without what it asks of flags together: they are not together yet.
    pub lenient: Command,
}

impl Flags {
    pub fn of(command: Command) -> Self {
        let flags = command.get_arguments().filter_map(|arg| Flag::of(arg, &command)).collect();
        let alone =
            |arg: Arg| arg.required(false).conflicts_with(Resettable::Reset).requires(Resettable::Reset);
        let lenient = command.clone().mut_args(alone);
        Flags { flags, strict: command, lenient }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Flag> {
        self.flags.iter()
    }

    pub fn get(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }
}
