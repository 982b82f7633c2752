/// A transition that the rules do not allow from the present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot {action} {noun} that is `{state}`")]
pub struct Refusal {
    /// What was to change, with its article: "a stop".
    pub noun: &'static str,
    /// The state it is in.
    pub state: &'static str,
    /// What was asked for, as a verb.
    pub action: &'static str,
}
