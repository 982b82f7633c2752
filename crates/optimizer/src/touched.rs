//! Nodes whose surroundings changed, each once, to be looked at again.
#![expect(clippy::indexing_slicing, reason = "nodes are below `count`")]

pub(crate) struct Touched {
    /// In the order in which they were touched.
    list: Vec<u32>,
    is_listed: Vec<bool>,
}

impl Touched {
    /// None of so many nodes.
    pub(crate) fn none_of(count: usize) -> Self {
        Self { list: Vec::new(), is_listed: vec![false; count] }
    }

    #[inline]
    pub(crate) fn add(&mut self, node: u32) {
        if !self.is_listed[node as usize] {
            self.is_listed[node as usize] = true;
            self.list.push(node);
        }
    }

    /// Number `index` of the nodes, which may then be touched again; `None`, and all are forgotten, where there are no more.
    #[inline]
    pub(crate) fn take(&mut self, index: usize) -> Option<usize> {
        match self.list.get(index) {
            Some(&node) => {
                self.is_listed[node as usize] = false;
                Some(node as usize)
            }
            None => {
                self.list.clear();
                None
            }
        }
    }

    pub(crate) fn forget(&mut self) {
        for node in self.list.drain(..) {
            self.is_listed[node as usize] = false;
        }
    }
}
