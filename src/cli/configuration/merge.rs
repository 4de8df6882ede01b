//! Flags from several layers as one.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::flag::{Flag, Flags};
use super::given::{Given, Place};

/// What is left of the layers, which stand strongest first.
///
/// A layer says nothing to a flag that a stronger one gives, or to one that excludes a flag of a stronger one: who types
/// `--token` does without the file's `token-file`. What needs a flag that was left out so is left out too. Within one
/// layer nothing is left out, and the parser tells what does not go together. A flag that takes names with values is
/// merged name by name.
///
/// The parser's own defaults and variables are no help here: it knows no order among variables and flags that exclude each
/// other, and a default meets no other flag's need.
pub(super) fn merge<'f>(flags: &'f Flags, layers: &[Vec<Given<'f>>]) -> Vec<Given<'f>> {
    let mut kept: Vec<Given> = Vec::new();
    let mut left_out: Vec<&Flag> = Vec::new();
    for layer in layers {
        let stronger = kept.clone();
        for given in layer {
            let same: Vec<&Given> = stronger.iter().filter(|other| other.flag == given.flag).collect();
            let excluded = |other: &Given| other.is_on() && other.flag.excludes(given.flag);
            match given.flag.separator {
                _ if stronger.iter().any(excluded) => left_out.push(given.flag),
                _ if same.is_empty() => kept.push(given.clone()),
                Some(separator) => kept.extend(of_other_names(given, &same, separator)),
                None => {}
            }
        }
    }
    // Each round may leave out what another one needs.
    while let Some(index) = kept.iter().position(|given| {
        given.place != Place::CommandLine && needs(given, flags).iter().any(|needed| has(&left_out, needed))
    }) {
        left_out.push(kept.remove(index).flag);
    }
    kept
}

/// The values whose names the stronger ones do not give.
fn of_other_names<'f>(given: &Given<'f>, stronger: &[&Given<'f>], separator: &str) -> Option<Given<'f>> {
    let name = |text: &str| text.split(separator.trim()).next().unwrap_or_default().trim().to_lowercase();
    let mut taken = stronger.iter().flat_map(|other| &other.values).map(|text| name(text));
    let taken: Vec<String> = taken.by_ref().collect();
    let values: Vec<String> =
        given.values.iter().filter(|text| !taken.contains(&name(text))).cloned().collect();
    (!values.is_empty()).then(|| Given { values, ..given.clone() })
}

/// The flags, as the parser writes them, without which it does not take this one.
pub(super) fn needs(given: &Given, flags: &Flags) -> Vec<String> {
    let parsed = flags.strict.clone().try_get_matches_from(given.command_line());
    match parsed {
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
            match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::Strings(names)) => names.clone(),
                Some(ContextValue::String(name)) => vec![name.clone()],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Whether the flag that the parser writes so, `--token-file <FILE>`, is one of those.
fn has(flags: &[&Flag], written: &str) -> bool {
    let name = written.split(' ').next().and_then(|word| word.strip_prefix("--"));
    flags.iter().any(|flag| name == Some(&*flag.name))
}
