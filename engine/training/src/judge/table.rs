//! Tables of figures, for people and for files.

/// Rows of figures under named columns.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Table {
    /// What it is of.
    pub title: String,
    /// Names of the columns after the first.
    pub columns: Vec<String>,
    /// Name and figures of each row; nothing where there is none.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
}

impl Table {
    /// An empty table.
    pub fn new(title: &str, columns: &[&str]) -> Self {
        Self {
            title: title.into(),
            columns: columns.iter().map(|column| (*column).into()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn add(&mut self, name: impl Into<String>, figures: Vec<Option<f64>>) {
        self.rows.push((name.into(), figures));
    }

    /// The table in Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "### {}\n\n| | {} |\n|---|{}\n",
            self.title,
            self.columns.join(" | "),
            "---:|".repeat(self.columns.len())
        );
        for (name, figures) in &self.rows {
            let cells: Vec<String> = figures
                .iter()
                .map(|figure| match figure {
                    Some(x) if x.abs() >= 100.0 => format!("{x:.0}"),
                    Some(x) => format!("{x:.3}"),
                    None => "–".into(),
                })
                .collect();
            out += &format!("| {name} | {} |\n", cells.join(" | "));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_cell_for_every_figure() {
        let mut table = Table::new("t", &["a", "b"]);
        table.add("x", vec![Some(0.5), None]);
        assert_eq!(table.markdown(), "### t\n\n| | a | b |\n|---|---:|---:|\n| x | 0.500 | – |\n");
    }
}
