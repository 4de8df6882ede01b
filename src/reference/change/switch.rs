/// A way of the store or of the gate that no edit of an answer could show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Switch {
    /// A run gets an id of the server's own, whatever the client specified.
    IgnoresRunId,
    /// Assigned ids are the time in seconds, and whoever comes within the same second gets the same run.
    IdsFromTheClock,
    /// Assigned ids are empty.
    EmptyIds,
    /// A run under an id that is in use takes the other one's place.
    Overwrites,
    /// A run under an id that is in use gets another id.
    Renames,
    /// Whoever creates a run under an id that is in use gets the run that exists.
    ReturnsExisting,
    /// A run is stored before its request is checked.
    KeepsRefused,
    /// Runs other than slow ones never end.
    NeverEnds,
    /// A cancel is accepted and forgotten.
    IgnoresCancel,
    /// A run that is cancelled ends as failed.
    CancelFails,
    /// A run that is cancelled has succeeded just before.
    WinsAgainstCancel,
    /// The worker of a canceled run goes on with the piece that it is at, and then reports success.
    SucceedsAfterCancel,
    /// A cancel sets the state, also that of a run that is over.
    CancelsEnded,
    /// The body of a new run is looked at before the token.
    ValidatesFirst,
    /// The run is looked up before the token is looked at.
    LooksUpFirst,
}

/// The switches of one server that are on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Switches(u32);

impl Switches {
    pub fn has(self, switch: Switch) -> bool {
        self.0 & Switches::bit(switch) != 0
    }

    fn bit(switch: Switch) -> u32 {
        1 << switch as u8
    }
}

impl FromIterator<Switch> for Switches {
    fn from_iter<I: IntoIterator<Item = Switch>>(switches: I) -> Self {
        Switches(switches.into_iter().fold(0, |bits, switch| bits | Switches::bit(switch)))
    }
}
