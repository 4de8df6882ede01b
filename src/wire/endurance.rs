//! When a target is given up that fails the same way again and again.

use std::sync::{Mutex, PoisonError};

use super::exchange::{Answer, Ending, Failure};

/// Exchanges that fail alike, one after the other, before the target is given up.
const MOST: u32 = 10;

/// Counts exchanges without a whole answer.
#[derive(Debug, Default)]
pub(super) struct Endurance(Mutex<Streak>);

#[derive(Debug, Default)]
struct Streak {
    kind: Option<Kind>,
    length: u32,
    given_up: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unreachable,
    Silent,
    NoHttp,
    Unending,
    TooLarge,
}

impl Endurance {
    /// Takes what an exchange came to.
    pub fn note(&self, result: &Result<Answer, Failure>) {
        let kind = match result {
            Err(Failure::Connect(_)) => Kind::Unreachable,
            Err(Failure::TimedOut(_)) => Kind::Silent,
            Err(Failure::Broken(_) | Failure::Cut) => Kind::NoHttp,
            Err(Failure::Limit(_)) => Kind::TooLarge,
            Ok(Answer { ending: Ending::TimedOut(_), .. }) => Kind::Unending,
            Ok(Answer { ending: Ending::Limit(_), .. }) => Kind::TooLarge,
            Err(Failure::NotSent(_)) => return,
            Ok(_) => {
                let mut streak = self.lock();
                // Whoever answers again is asked again.
                *streak = Streak::default();
                return;
            }
        };
        let mut streak = self.lock();
        streak.length = if streak.kind == Some(kind) { streak.length + 1 } else { 1 };
        streak.kind = Some(kind);
        if streak.length >= MOST && streak.given_up.is_none() {
            streak.given_up = Some(format!("the target was given up: {MOST} times in a row {}", kind.says()));
        }
    }

    /// Why the target is asked nothing more, where that is so.
    pub fn given_up(&self) -> Option<String> {
        self.lock().given_up.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Streak> {
        // A count that a panic left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind {
    fn says(self) -> &'static str {
        match self {
            Kind::Unreachable => "no connection was made",
            Kind::Silent => "no answer came in time",
            Kind::NoHttp => "the connection gave no HTTP answer",
            Kind::Unending => "an answer did not end in time",
            Kind::TooLarge => "an answer was past a limit of the harness (--max-…)",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_the_same_trouble_without_a_break_ends_it() {
        let endurance = Endurance::default();
        let note =
            |failure: Failure, times: u32| (0..times).for_each(|_| endurance.note(&Err(failure.clone())));
        note(Failure::Connect("refused".into()), MOST - 1);
        note(Failure::TimedOut(Duration::ZERO), MOST - 1);
        note(Failure::NotSent("a header".into()), MOST);
        assert_eq!(endurance.given_up(), None);
        note(Failure::TimedOut(Duration::from_secs(1)), 1);
        let said = "the target was given up: 10 times in a row no answer came in time";
        assert_eq!(endurance.given_up().as_deref(), Some(said));
    }
}
