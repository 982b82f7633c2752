use std::fmt;
use std::sync::Arc;

use crate::great_circle::GreatCircleEstimate;
use crate::port::{TravelMatrix, Work};

/// Engines in the order they are asked until one answers; the last is always the estimate, which answers anything.
///
/// Who asks goes through [`iter`](Self::iter): where an engine is awaited depends on what it does
/// ([`TravelMatrix::work`]), and so does how many may be at it. The default is the estimate alone.
///
/// ```
/// use routemate_travel::Engines;
///
/// let engines = Engines::new(Vec::new());
/// assert_eq!(engines.iter().map(|engine| engine.name()).collect::<Vec<_>>(), ["estimate"]);
/// ```
#[derive(Clone)]
pub struct Engines {
    list: Vec<Arc<dyn TravelMatrix>>,
}

impl Engines {
    /// These, in this order, and then the estimate.
    #[must_use]
    pub fn new(mut engines: Vec<Arc<dyn TravelMatrix>>) -> Self {
        engines.push(Arc::new(GreatCircleEstimate));
        Self { list: engines }
    }

    /// All of them in their order; never empty.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn TravelMatrix>> {
        self.list.iter()
    }

    /// How many of them wait for a server: they share the time that there is.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.list.iter().filter(|engine| engine.work() == Work::Waits).count()
    }
}

impl Default for Engines {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl fmt::Debug for Engines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|engine| engine.name())).finish()
    }
}
