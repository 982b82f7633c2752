//! Tables on the screen and in the documentation.

use std::fmt::Write as _;
use std::fs;

use crate::failure::{Context, Failure, Result};
use crate::process::root;

const PAGE: &str = "docs/benchmarks.md";

/// Above this something else is at work besides what is measured.
const QUIET_LOAD: f64 = 0.5;

/// Puts text between the marks of a section of the documentation.
pub(super) fn write(section: &str, text: &str) -> Result<()> {
    let path = root().join(PAGE);
    let page = fs::read_to_string(&path).context(|| format!("cannot read {PAGE}"))?;
    fs::write(&path, replaced(&page, section, text)?).context(|| format!("cannot write {PAGE}"))
}

/// Columns as wide as their widest cell, the last one aside.
pub(super) fn align<const N: usize>(text: &mut String, rows: &[[String; N]]) {
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|at| width(at).unwrap_or_default());
    for row in rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// The page with other text between the marks.
fn replaced(page: &str, section: &str, text: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {section}:begin -->"), format!("<!-- {section}:end -->"));
    let parts = page.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) =
        parts.ok_or_else(|| Failure::new(format!("{PAGE} has no `{begin}` with `{end}` after it")))?;
    Ok(format!("{before}{begin}\n{text}{end}{after}"))
}

/// Processes that wait for a core, over the last minute; nothing where the system does not tell.
pub(super) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

pub(super) fn warn_of_load() {
    if let Some(load) = load().filter(|load| *load > QUIET_LOAD) {
        eprintln!("bench: WARNING, the load average is {load:.2}: other work makes these figures worse");
    }
}

pub(super) fn warn_of_load_seen(highest: Option<f64>) {
    if let Some(load) = highest.filter(|load| *load > 1.0 + QUIET_LOAD) {
        eprintln!("bench: WARNING, the load average rose to {load:.2}: other work made these figures worse");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_of_the_page_is_replaced() {
        let page = "# A\n<!-- b:begin -->\nold\n<!-- b:end -->\nrest\n";
        let expected = "# A\n<!-- b:begin -->\nnew\n<!-- b:end -->\nrest\n";
        assert_eq!(replaced(page, "b", "new\n").unwrap(), expected);
        assert!(replaced("<!-- b:end --><!-- b:begin -->", "b", "new").is_err());
        assert!(replaced(page, "c", "new").is_err());
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut text = String::new();
        align(&mut text, &[["a".into(), "b".into()], ["long".into(), String::new()]]);
        assert_eq!(text, "a     b\nlong\n");
    }
}
