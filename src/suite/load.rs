//! Reads all case files of one service and says everything that is wrong with them at once.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::assertion::Assertion;
use super::bundled;
use super::catalogue::{Catalogue, decode_services};
use super::decode::{Decoder, Trouble, document, list, suggest};
use super::model::*;
use super::profile::Profile;
use super::scenario::{Context, Placed, decode};
use super::template::Reference;
use crate::contract::{Contract, Service};
use crate::yaml::{Kind, Node, Place};

/// Everything that the suite knows of one service.
#[derive(Debug, Clone)]
pub struct Suite {
    pub catalogue: Catalogue,
    pub profile: Profile,
    /// In the order of files and of scenarios in them.
    pub scenarios: Vec<Scenario>,
}

/// Where case files come from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Files by the name that errors give them.
    files: Vec<(String, String)>,
}

impl Source {
    /// The files that come with the binary.
    pub fn bundled() -> Self {
        Source { files: bundled::files() }
    }

    /// Adds every `*.yaml` file below a folder.
    pub fn with_dir(mut self, dir: &Path) -> Result<Self, std::io::Error> {
        let mut folders: Vec<PathBuf> = vec![dir.to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "yaml") {
                    found.push((path.display().to_string(), std::fs::read_to_string(&path)?));
                }
            }
        }
        found.sort();
        self.files.extend(found);
        Ok(self)
    }

    /// Adds one file.
    pub fn with_file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    /// The troubles in the order of the files and of the places in them, whatever found them.
    fn error(&self, mut troubles: Vec<Trouble>) -> LoadError {
        let file = |trouble: &Trouble| self.files.iter().position(|(name, _)| *name == trouble.file);
        troubles.sort_by_key(|trouble| (file(trouble), trouble.place));
        LoadError(troubles)
    }
}

/// Everything that is wrong in the files of a suite, in the order of files and places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LoadError(pub Vec<Trouble>);

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, &self.0, "the case files")
    }
}

/// What a file is, told by its first keys.
enum Content {
    Catalogue,
    Profile,
    Cases,
}

impl Suite {
    /// Reads the files for the service of `contract`.
    ///
    /// # Errors
    ///
    /// Every trouble of every file, those of other services' scenarios excepted.
    pub fn load(source: &Source, contract: &Contract) -> Result<Suite, LoadError> {
        let mut troubles = Vec::new();
        let mut parsed = Vec::new();
        for (file, text) in &source.files {
            match document(file, text) {
                Ok(node) => parsed.push((file.as_str(), node)),
                Err(trouble) => troubles.push(trouble),
            }
        }
        let catalogue = read_catalogue(&parsed, &mut troubles);
        let Some(profile) = read_profile(&parsed, contract, &mut troubles) else {
            if troubles.is_empty() {
                let what = format!("no service profile for {}", contract.service());
                troubles.push(Trouble {
                    file: "cases".into(),
                    place: Place { line: 1, column: 1 },
                    what,
                    right: "add a file with `service:` and `operations:`".into(),
                });
            }
            return Err(source.error(troubles));
        };
        let mut suite = Suite { catalogue, profile, scenarios: Vec::new() };
        let mut origins = Vec::new();
        for (file, node) in &parsed {
            if let Content::Cases = content(node) {
                let decoder = Decoder::new(file);
                for placed in read_cases(&decoder, node, contract, &suite.profile) {
                    origins.push((*file, placed.place));
                    suite.scenarios.push(placed.scenario);
                }
                troubles.extend(decoder.into_troubles());
            }
        }
        suite.cross_check(&origins, &mut troubles);
        match troubles.is_empty() {
            true => Ok(suite),
            false => Err(source.error(troubles)),
        }
    }

    /// The scenario with this id.
    pub fn scenario(&self, id: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.id == id)
    }

    /// The step whose answer shows an optional feature to be there or not.
    pub fn probe(&self, feature: &str) -> Option<StepRef> {
        self.scenarios.iter().find_map(|scenario| {
            let step = scenario.steps.iter().find(|step| step.probes.as_deref() == Some(feature))?;
            Some(StepRef { scenario: scenario.id.clone(), step: step.id.clone() })
        })
    }

    /// What no single scenario can tell: names that have to exist elsewhere, and names that may stand only once.
    fn cross_check(&self, origins: &[(&str, Place)], troubles: &mut Vec<Trouble>) {
        let mut note = |at: usize, what: String, right: String| {
            let (file, place) = origins[at];
            let trouble = Trouble { file: file.to_owned(), place, what, right };
            if !troubles.contains(&trouble) {
                troubles.push(trouble);
            }
        };
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (at, scenario) in self.scenarios.iter().enumerate() {
            if seen.insert(&scenario.id, at).is_some() {
                let what = format!("scenario {} stands twice", scenario.id);
                note(at, what, "give each scenario of a suite an id of its own".into());
            }
        }
        for (at, scenario) in self.scenarios.iter().enumerate() {
            for (what, right) in self.scenario_troubles(scenario) {
                note(at, format!("{}: {what}", scenario.id), right);
            }
            let waits_for_the_end =
                |step: &StepRef| self.scenario(&step.scenario).is_some_and(|other| other.at_the_end);
            if !scenario.at_the_end && scenario.depends_on().iter().any(waits_for_the_end) {
                let what = format!("{}: waits for a scenario that runs at the end", scenario.id);
                note(at, what, "set `at-the-end: true` here too".into());
            }
            if self.depends_on_itself(scenario) {
                let what = format!("{}: waits for itself", scenario.id);
                note(at, what, "take the reference out of one of the scenarios of the circle".into());
            }
        }
    }

    fn scenario_troubles(&self, scenario: &Scenario) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let ids: Vec<&str> = scenario.steps.iter().map(|step| step.id.as_str()).collect();
        let mut note = |what: String, right: String| found.push((what, right));
        for (at, step) in scenario.steps.iter().enumerate() {
            if ids[..at].contains(&step.id.as_str()) {
                note(format!("step {:?} stands twice", step.id), "give each step an id of its own".into());
            }
            let mut references = Vec::new();
            step.request.templates(&mut |template| references.extend(template.references()));
            for reference in references {
                self.reference_trouble(&reference, &ids[..at]).into_iter().for_each(|(w, r)| note(w, r));
            }
            if let Some(
                Body::From { name, .. } | Body::FromEscaped { name, .. } | Body::FromBroken { name, .. },
            ) = &step.request.body
                && !self.profile.bodies.contains_key(name)
            {
                let known: Vec<&str> = self.profile.bodies.keys().map(String::as_str).collect();
                note(format!("unknown body {name:?} of {}", self.profile.service), suggest(name, &known));
            }
            for check in &step.checks {
                if self.catalogue.get(&check.requirement).is_none() {
                    let known = self.catalogue.ids();
                    note(
                        format!("unknown requirement {:?}", check.requirement),
                        suggest(&check.requirement, &known),
                    );
                } else if !self.catalogue.of(self.profile.service).any(|row| row.id == check.requirement) {
                    let what = format!("{} does not bind {}", check.requirement, self.profile.service);
                    note(what, "name a requirement of the service".into());
                }
                let mut named: Vec<&str> = check.premises().map(|given| given.step.as_str()).collect();
                let assertions = check.premises().map(|given| &given.assertion).chain([&check.assertion]);
                let mut references = Vec::new();
                for assertion in assertions {
                    if let Assertion::Each { over, .. } = assertion {
                        named.extend(over.iter().map(String::as_str));
                    }
                    assertion.templates(&mut |template| references.extend(template.references()));
                }
                let is_there = |name: &str| match StepRef::read(name) {
                    Some(other) => self.step(&other).is_some(),
                    None => ids.contains(&name),
                };
                for name in named.into_iter().filter(|name| !is_there(name)) {
                    note(format!("unknown step {name:?}"), suggest(name, &ids));
                }
                for reference in references {
                    self.reference_trouble(&reference, &ids).into_iter().for_each(|(w, r)| note(w, r));
                }
            }
        }
        if scenario.steps.iter().all(|step| step.checks.is_empty() && step.probes.is_none()) {
            note("checks nothing".into(), "add `checks:` to a step".into());
        }
        if let Some(control) = &scenario.control
            && self.step(control).is_none()
        {
            note(
                format!("unknown control {}:{}", control.scenario, control.step),
                "name a step as suite/scenario:step".into(),
            );
        }
        found
    }

    fn reference_trouble(&self, reference: &Reference, steps: &[&str]) -> Option<(String, String)> {
        match reference {
            Reference::Fresh(_) => None,
            Reference::Variable(name) => {
                let mut known: Vec<&str> =
                    self.profile.variables.iter().map(|known| known.name.as_str()).collect();
                known.push("poll_timeout");
                let missing = !known.contains(&name.as_str());
                missing.then(|| (format!("unknown variable ${{{name}}}"), suggest(name, &known)))
            }
            Reference::Answer { step, .. } => (!steps.contains(&step.as_str()))
                .then(|| (format!("${{{step}/…}} names no earlier step"), suggest(step, steps))),
            Reference::OtherAnswer { step, .. } => self.step(step).is_none().then(|| {
                let what = format!("${{{}:{}/…}} names no step", step.scenario, step.step);
                (what, "write ${suite/scenario:step/pointer}".into())
            }),
        }
    }

    fn step(&self, wanted: &StepRef) -> Option<&Step> {
        self.scenario(&wanted.scenario)?.step(&wanted.step)
    }

    fn depends_on_itself(&self, scenario: &Scenario) -> bool {
        let mut open = scenario.depends_on();
        let mut seen = Vec::new();
        while let Some(step) = open.pop() {
            if step.scenario == scenario.id {
                return true;
            }
            if seen.contains(&step.scenario) {
                continue;
            }
            open.extend(self.scenario(&step.scenario).map(Scenario::depends_on).unwrap_or_default());
            seen.push(step.scenario);
        }
        false
    }
}

fn content(node: &Node) -> Content {
    let Kind::Map(entries) = &node.kind else { return Content::Cases };
    let has = |name: &str| entries.iter().any(|(key, _)| key.name == name);
    match (has("requirements"), has("operations")) {
        (true, _) => Content::Catalogue,
        (_, true) => Content::Profile,
        _ => Content::Cases,
    }
}

fn read_catalogue(parsed: &[(&str, Node)], troubles: &mut Vec<Trouble>) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for (file, node) in parsed {
        if let Content::Catalogue = content(node) {
            let decoder = Decoder::new(file);
            let more = Catalogue::decode(&decoder, node);
            for id in more.ids().into_iter().filter(|id| catalogue.get(id).is_some()) {
                let what = format!("requirement {id} stands in another file too");
                decoder.trouble(node.place, what, "give each row an id of its own");
            }
            catalogue.extend(more);
            troubles.extend(decoder.into_troubles());
        }
    }
    catalogue
}

fn read_profile(
    parsed: &[(&str, Node)],
    contract: &Contract,
    troubles: &mut Vec<Trouble>,
) -> Option<Profile> {
    let mut found = None;
    for (file, node) in parsed {
        if let Content::Profile = content(node) {
            let decoder = Decoder::new(file);
            let profile = Profile::decode(&decoder, node);
            if let Some(profile) = profile.filter(|profile| profile.service == contract.service()) {
                check_profile(&decoder, node, &profile, contract);
                if found.is_some() {
                    let what = format!("a second profile of {}", profile.service);
                    decoder.trouble(
                        node.place,
                        what,
                        "keep one; case files may use its variables and bodies",
                    );
                }
                found = Some(profile);
            }
            troubles.extend(decoder.into_troubles());
        }
    }
    found
}

/// Operations and roles of the profile have to be those of the document.
fn check_profile(decoder: &Decoder, node: &Node, profile: &Profile, contract: &Contract) {
    let known: Vec<&str> = contract.operations().iter().map(|operation| operation.id.as_str()).collect();
    for id in profile.operations.keys().chain(profile.roles.values()) {
        if !known.contains(&id.as_str()) {
            decoder.trouble(node.place, format!("unknown operation {id:?}"), suggest(id, &known));
        }
    }
    for id in known {
        if !profile.operations.contains_key(id) {
            let what = format!("operation {id:?} of the document is missing in the profile");
            decoder.trouble(node.place, what, format!("add `{id}: {{}}` to `operations:`"));
        }
    }
}

fn read_cases(decoder: &Decoder, node: &Node, contract: &Contract, profile: &Profile) -> Vec<Placed> {
    let Some(fields) = decoder.fields(node, "a case file") else { return Vec::new() };
    let suite = fields.need_text("suite");
    let services = fields.need("services").map(|node| decode_services(decoder, node));
    let scenarios = fields.need("scenarios").and_then(|node| decoder.items(node, "scenarios"));
    fields.finish();
    let (Some(suite), Some(services), Some(scenarios)) = (suite, services, scenarios) else {
        return Vec::new();
    };
    let applies = |service: Service| services.is_empty() || services.contains(&service);
    if !applies(profile.service) {
        return Vec::new();
    }
    let context = Context { decoder, contract, profile, suite: &suite };
    scenarios.iter().flat_map(|node| decode(&context, node)).collect()
}
