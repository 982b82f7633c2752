//! docs/csv.md tells every column.

use std::fs;

use routemate_stop_files::{Exported, FIELDS};

#[test]
fn every_column_is_in_the_documentation() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/csv.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let row = |facts: &routemate_stop_files::FieldFacts| {
        let exported = if facts.exported == Exported::Yes { "yes" } else { "" };
        // A bar would end the cell.
        format!("| `{}` | {} | {exported} |\n", facts.name, facts.holds.replace('|', "\\|"))
    };
    let table: String = FIELDS.iter().map(row).collect();
    let expected = format!("| column | holds | exported |\n|---|---|---|\n{table}");
    assert!(page.contains(&expected), "put this into docs/csv.md:\n{expected}");
}
