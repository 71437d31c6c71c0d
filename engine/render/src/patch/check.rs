//! Range checks that remember where they are.

/// The first number out of range.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutOfRange {
    pub field: String,
    pub value: f64,
    pub min: f64,
    pub max: f64,
}

/// Walks through a patch and keeps the first number that is out of range.
#[derive(Debug, Default)]
pub(crate) struct Check {
    path: Vec<String>,
    found: Option<OutOfRange>,
}

impl Check {
    /// Checks what lies below a field.
    pub fn within(&mut self, field: &str, inner: impl FnOnce(&mut Self)) {
        self.path.push(field.to_owned());
        inner(self);
        self.path.pop();
    }

    /// Keeps `value` as the culprit if it is not a number within `min..=max` and none was found before.
    pub fn range(&mut self, field: &str, value: f32, min: f32, max: f32) {
        if !(min..=max).contains(&value) && self.found.is_none() {
            let mut path = self.path.clone();
            path.push(field.to_owned());
            self.found = Some(OutOfRange {
                field: path.join("."),
                value: f64::from(value),
                min: f64::from(min),
                max: f64::from(max),
            });
        }
    }

    /// What was found.
    pub fn finish(self) -> Option<OutOfRange> {
        self.found
    }
}
