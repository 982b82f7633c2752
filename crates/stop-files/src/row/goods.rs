//! What is carried to a stop, and what is noted beside it.

use routemate_domain::{Attribute, Item, StopRequest};

use super::{At, LONGEST};
use crate::columns::Target;
use crate::field::Field;
use crate::lists;
use crate::numbers::{KILOGRAM, OUNCE, POUND, grams, whole};

impl At<'_> {
    pub(super) fn items(&mut self) -> Vec<Item> {
        let comma = self.reading.comma;
        let mut all = Vec::new();
        for cell in self.cells(Field::Items) {
            match lists::items(cell.text, comma) {
                Some(items) => all.extend(items),
                None => self.complain(cell, "must be such as 2 x Bananas (500 g); 1 x Milk"),
            }
        }
        all.extend(self.single_item());
        let parcels = self.expect(Field::Parcels, |text| whole(text, comma), "must be a whole number");
        all.extend(parcels.filter(|count| *count > 0).map(Item::parcels));
        for item in &all {
            if item.name.len() > LONGEST && item.name.chars().count() > LONGEST {
                self.complain_of_row("has an item whose name is longer than 4000 characters");
            }
        }
        all
    }

    /// The item that columns of its own say.
    pub(super) fn single_item(&mut self) -> Option<Item> {
        let comma = self.reading.comma;
        let name = self.part(Field::ItemName);
        let quantity = self.expect(Field::ItemQuantity, |text| whole(text, comma), "must be a whole number");
        let weights = [
            (Field::ItemWeight, None),
            (Field::ItemGrams, Some(1.0)),
            (Field::ItemKilograms, Some(KILOGRAM)),
            (Field::ItemPounds, Some(POUND)),
            (Field::ItemOunces, Some(OUNCE)),
        ];
        let mut weight = None;
        for (field, unit) in weights {
            let expected = match unit {
                None => {
                    "must be a weight with its unit, such as 500 g, 1.5 kg, 2 lb or 8 oz; where the column is in one unit, map it \
                     to item_grams, item_kilograms, item_pounds or item_ounces"
                }
                Some(_) => "must be a weight, such as 1.5 or 500 g",
            };
            let read = self.expect(field, |text| grams(text, unit, comma), expected);
            weight = weight.or(read);
        }
        if name.is_empty() && quantity.is_none() && weight.is_none() {
            return None;
        }
        let name = if name.is_empty() { Item::parcels(1).name } else { name };
        Some(Item { name, quantity: quantity.unwrap_or(1), grams: weight.unwrap_or(0) })
    }

    pub(super) fn attributes(&mut self) -> Vec<Attribute> {
        let mut all = Vec::new();
        let expected = "must be such as floor=3; zone=B";
        all.extend(self.expect(Field::Attributes, lists::attributes, expected).unwrap_or_default());
        let (row, columns) = (self.row, self.reading.columns);
        for column in columns {
            if let Some(Target::Attribute(key)) = &column.target
                && let Some(cell) = Self::cell_of(row, column)
            {
                all.push(Attribute { key: key.clone(), value: self.within_longest(cell) });
            }
        }
        let is_long = |text: &str| text.len() > LONGEST && text.chars().count() > LONGEST;
        if all.iter().any(|attribute| is_long(&attribute.key) || is_long(&attribute.value)) && !self.is_wrong {
            self.complain_of_row("has an attribute that is longer than 4000 characters");
        }
        if all.len() > StopRequest::MAX_ATTRIBUTES {
            self.complain_of_row(&format!(
                "has {} attributes; at most {} are kept",
                all.len(),
                StopRequest::MAX_ATTRIBUTES
            ));
        }
        all
    }

    pub(super) fn tags(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for cell in self.cells(Field::Tags) {
            all.extend(lists::tags(cell.text));
        }
        if all.len() > StopRequest::MAX_TAGS {
            self.complain_of_row(&format!("has {} tags; at most {} are kept", all.len(), StopRequest::MAX_TAGS));
        }
        if all.iter().any(|tag| tag.len() > LONGEST && tag.chars().count() > LONGEST) {
            self.complain_of_row("has a tag that is longer than 4000 characters");
        }
        all
    }
}
