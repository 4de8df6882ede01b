/// Deviations that are told of one answer.
const MOST: usize = 20;

/// What the standard forbids and could be read past. Each is told once: a thousand folded lines are one matter.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Deviations(Vec<String>);

impl Deviations {
    pub fn note(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.0.len() < MOST && !self.0.contains(&what) {
            self.0.push(what);
        }
    }

    pub fn into_vec(self) -> Vec<String> {
        self.0
    }
}
