//! In which order the blocks of an extract are read.
//!
//! Of a file in order (nodes, ways, relations, as nearly all are) every block is unpacked once: from the end to the first way,
//! then the nodes, of which it is known by then which are needed. Another file takes three passes: all elements, the ways
//! that relations need, and the nodes of all these.

use std::ops::ControlFlow;

use super::blocks::Blocks;
use super::gathered::Gathered;
use super::nodes::{self, Nodes};
use super::reading::{Contents, Found, Reading};
use crate::index::error::BuildError;

/// Reads a file that is in order: relations, then ways, then nodes. `None` as soon as it is seen that it is not; few files
/// that are say so in their header.
pub(super) fn read_in_order(
    blocks: &Blocks,
    gathered: &mut Gathered,
    progress: &dyn Fn(u64),
) -> Result<Option<(Reading, Nodes)>, BuildError> {
    let mut reading = Reading::default();
    let mut is_in_order = true;
    let (mut first_ways, mut last_nodes) = (blocks.len(), None);
    let backwards: Vec<usize> = (0..blocks.len()).rev().collect();
    blocks.each(&backwards, progress, Found::relations_and_ways, |number, found| {
        let had_ways = first_ways < blocks.len();
        let contents = found.contents;
        reading.add(found, &mut gathered.texts);
        is_in_order &= !(contents.has_relations && had_ways);
        if contents.has_ways {
            first_ways = number;
        }
        if contents.has_nodes && last_nodes.is_none() {
            last_nodes = Some(number);
        }
        let has_other = contents.has_ways || contents.has_relations;
        if contents.has_nodes && !has_other || !is_in_order {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    if !is_in_order {
        return Ok(None);
    }
    let ids = nodes::wanted(&reading.refs);
    let mut spots = vec![None; ids.len()];
    let forwards: Vec<usize> = (0..last_nodes.map_or(0, |last| last + 1)).collect();
    blocks.each(
        &forwards,
        progress,
        |block| Found::nodes(block, &ids),
        |number, mut found| {
            let contents = found.contents;
            nodes::take(&mut spots, std::mem::take(&mut found.spots));
            reading.add(found, &mut gathered.texts);
            is_in_order &= number >= first_ways || !(contents.has_ways || contents.has_relations);
            if is_in_order { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    )?;
    reading.put_in_order();
    Ok(is_in_order.then(|| (reading, Nodes::new(ids, spots))))
}

/// Reads a file in any order.
pub(super) fn read_in_passes(
    blocks: &Blocks,
    gathered: &mut Gathered,
    progress: &dyn Fn(u64),
) -> Result<(Reading, Nodes), BuildError> {
    let mut reading = Reading::default();
    let mut contents = Vec::with_capacity(blocks.len());
    let all: Vec<usize> = (0..blocks.len()).collect();
    blocks.each(&all, progress, Found::everything, |_, found| {
        contents.push(found.contents);
        reading.add(found, &mut gathered.texts);
        ControlFlow::Continue(())
    })?;
    let of = |is_wanted: fn(&Contents) -> bool| -> Vec<usize> {
        all.iter().copied().filter(|number| contents.get(*number).is_some_and(is_wanted)).collect()
    };
    if reading.lacks_ways() {
        blocks.each(&of(|contents| contents.has_ways), progress, Found::ways, |_, found| {
            reading.add(found, &mut gathered.texts);
            ControlFlow::Continue(())
        })?;
    }
    let ids = nodes::wanted(&reading.refs);
    let mut spots = vec![None; ids.len()];
    blocks.each(
        &of(|contents| contents.has_nodes),
        progress,
        |block| Found::nodes(block, &ids).spots,
        |_, found| {
            nodes::take(&mut spots, found);
            ControlFlow::Continue(())
        },
    )?;
    reading.put_in_order();
    Ok((reading, Nodes::new(ids, spots)))
}
