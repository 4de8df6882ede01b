//! Flags in variables of the environment.

use std::ffi::OsString;

use super::flag::{Flag, Flags, Kind};
use super::given::{Given, Place, Wrong};

/// What the variables say: `ARP_` and the flag's name in capitals, with `_` for `-`. A repeated flag has a value a line.
/// A CI system sets a variable for a secret that it does not have to nothing, which says nothing.
///
/// # Errors
///
/// Every variable whose value its flag does not take.
pub(super) fn read<'f>(
    flags: &'f Flags,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<Given<'f>>, Vec<Wrong>> {
    let mut layer = Vec::new();
    let mut wrong = Vec::new();
    for flag in flags.iter() {
        let name = flag.variable();
        let Some(text) = variable(&name).filter(|text| !text.is_empty()) else { continue };
        let place = Place::Variable(name);
        match values(flag, text) {
            Ok(values) => match Given::new(flag, values, place, &flags.lenient) {
                Ok(given) => layer.push(given),
                Err(error) => wrong.push(error),
            },
            Err(what) => wrong.push(Wrong { place, what }),
        }
    }
    if wrong.is_empty() { Ok(layer) } else { Err(wrong) }
}

fn values(flag: &Flag, text: OsString) -> Result<Vec<String>, String> {
    let text = text.into_string().map_err(|_| "its value is no UTF-8".to_owned())?;
    match (flag.kind, &*text.to_lowercase()) {
        (Kind::Switch, "true" | "1" | "yes" | "on") => Ok(vec!["true".to_owned()]),
        (Kind::Switch, "false" | "0" | "no" | "off") => Ok(Vec::new()),
        (Kind::Switch, _) => Err(format!("{} is true or false", flag.name)),
        _ if flag.repeated => Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()),
        _ => Ok(vec![text]),
    }
}
