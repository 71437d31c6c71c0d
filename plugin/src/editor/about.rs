//! What Sceneloop is, under which licence, what its network was trained on, and the software of others in it: a sheet over the window with
//! a list on its left and the text of what is chosen on its right.

use super::{controls, look};
use crate::licences::{self, COLLECTIONS, Collection, OWN, Package, Texts};
use egui::accesskit;
use egui::{
    Align, Button, EventFilter, Frame, Id, Key, Label, Layout, Margin, Modal, Modifiers, RichText,
    ScrollArea, Sense, Separator, TextEdit, Ui, Vec2, WidgetInfo,
};

/// The most that the sheet takes, and what it leaves of a small window, points.
const SIZE: Vec2 = Vec2::new(860.0, 580.0);
const MARGIN: f32 = 96.0;
/// Between the edge of the sheet and what stands on it.
const EDGE: i8 = 16;
/// Width of the list.
const LIST: f32 = 250.0;
/// How far the text moves with an arrow and with a page key.
const LINE: f32 = 40.0;
const PAGE: f32 = 360.0;

/// Drawings until nothing remembers the sheet any more; until then what lies below it loses the keyboard.
const GOING_BACK: u8 = 3;

/// What stands on the sheet.
#[derive(Clone, Copy, Default, PartialEq)]
enum Part {
    #[default]
    Own,
    Training,
    Software,
}

impl Part {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Own, "Licence"), (Self::Training, "Training data"), (Self::Software, "Third-party software")];
}

/// What is open, chosen and typed.
#[derive(Default)]
pub struct About {
    part: Part,
    /// Of each part, counted from its first.
    chosen: [usize; 3],
    search: String,
    /// While the sheet is open.
    open: Option<Open>,
    /// In so many drawings the keyboard is yet to be brought back to the button.
    going_back: u8,
}

/// What is read for the sheet and let go with it.
struct Open {
    packages: Vec<Package>,
    texts: Result<Texts, String>,
    /// The keyboard has not been brought here yet.
    is_new: bool,
}

impl Open {
    fn read() -> Self {
        let mut packages: Vec<Package> = licences::packages().collect();
        // The licence under which most are comes first.
        let most = |licence: &str| packages.iter().filter(|package| package.licence == licence).count();
        let mut counts: Vec<usize> = packages.iter().map(|package| most(package.licence)).collect();
        let mut counted: Vec<(usize, Package)> = counts.drain(..).zip(packages.drain(..)).collect();
        counted.sort_by(|(one, left), (other, right)| {
            other.cmp(one).then(left.licence.cmp(right.licence)) // by name they are already
        });
        packages.extend(counted.into_iter().map(|(_, package)| package));
        let texts = Texts::read().map_err(|error| format!("The texts cannot be read: {error}"));
        Self { packages, texts, is_new: true }
    }
}

/// One line of the list.
struct Entry {
    /// Its number within the part.
    index: usize,
    name: &'static str,
    /// Entries with the same one stand together.
    group: &'static str,
}

/// What stands on the right.
struct Page<'a> {
    title: String,
    facts: Vec<&'a str>,
    texts: Vec<&'a str>,
}

impl About {
    /// Draws the button, and the sheet while it is open.
    pub fn show(&mut self, ui: &mut Ui) {
        let button = ui.button(RichText::new("About").size(12.0));
        if button.clicked() {
            self.open = Some(Open::read());
        }
        if let Some(mut open) = self.open.take() {
            let frame = Frame::popup(ui.style()).inner_margin(Margin::same(EDGE));
            let modal = Modal::new(Id::unique("about")).frame(frame);
            let modal = modal.show(ui.ctx(), |ui| self.sheet(ui, &mut open));
            if modal.inner || modal.should_close() {
                self.going_back = GOING_BACK;
            } else {
                self.open = Some(open);
            }
        }
        if self.open.is_none() && self.going_back > 0 {
            self.going_back -= 1;
            button.request_focus();
        }
        button.on_hover_text("Version, licence, training data, third-party software");
    }

    /// The sheet; true if it is to be closed.
    fn sheet(&mut self, ui: &mut Ui, open: &mut Open) -> bool {
        let colours = look::palette(ui);
        let size = SIZE.min(ui.ctx().content_rect().size() - Vec2::splat(MARGIN));
        ui.set_width(size.x);
        let top = ui.cursor().top();
        let (mut is_closed, mut is_copied) = (false, false);
        ui.horizontal(|ui| {
            ui.label(RichText::new("Sceneloop").size(18.0).strong());
            ui.label(RichText::new(env!("CARGO_PKG_VERSION")).color(colours.weak));
            ui.add_space(12.0);
            for (part, name) in Part::ALL {
                let is_on = self.part == part;
                let text = RichText::new(name).color(if is_on { colours.on_lit } else { colours.text });
                let fill = if is_on { colours.accent } else { colours.control };
                let tab = ui.add(Button::new(text).fill(fill));
                let kind = accesskit::Role::RadioButton;
                controls::focus(ui, tab.rect, &tab);
                tab.widget_info(|| WidgetInfo::selected(kind, true, is_on, name));
                if is_on && std::mem::take(&mut open.is_new) {
                    tab.request_focus();
                }
                if tab.clicked() {
                    self.part = part;
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                is_closed = ui.button("Close").clicked();
                is_copied = ui.button("Copy").on_hover_text("Copy the text that is shown").clicked();
            });
        });
        ui.separator();
        let height = size.y - (ui.cursor().top() - top);
        ui.horizontal_top(|ui| {
            ui.allocate_ui_with_layout(egui::vec2(LIST, height), Layout::top_down(Align::LEFT), |ui| {
                self.list(ui, open);
            });
            ui.add(Separator::default().vertical().spacing(18.0));
            let rest = egui::vec2(ui.available_width(), height);
            ui.allocate_ui_with_layout(rest, Layout::top_down(Align::LEFT), |ui| {
                let page = self.page(open);
                if is_copied {
                    ui.ctx().copy_text(page.whole());
                }
                page.show(ui);
            });
        });
        is_closed
    }

    /// All there is of the part that is shown.
    fn entries(&self, open: &Open) -> Vec<Entry> {
        let entry = |(index, (name, group))| Entry { index, name, group };
        match self.part {
            Part::Own => {
                let names = ["In short", "MIT", "Apache-2.0", "Trademarks"].map(|name| (name, ""));
                names.into_iter().enumerate().map(entry).collect()
            }
            Part::Training => {
                let all = COLLECTIONS.iter().map(|collection| (collection.name, collection.licence));
                std::iter::once(("In short", "")).chain(all).enumerate().map(entry).collect()
            }
            Part::Software => {
                let search = self.search.trim().to_lowercase();
                let is_found = |package: &Package| {
                    [package.name, package.licence].iter().any(|text| text.to_lowercase().contains(&search))
                };
                let found = open.packages.iter().enumerate().filter(|(_, package)| is_found(package));
                found.map(|(index, package)| entry((index, (package.name, package.licence)))).collect()
            }
        }
    }

    fn list(&mut self, ui: &mut Ui, open: &Open) {
        let colours = look::palette(ui);
        if self.part == Part::Software {
            let edit = TextEdit::singleline(&mut self.search)
                .hint_text("search: a name, a licence")
                .desired_width(LIST);
            controls::named(&ui.add(edit), "Search software", accesskit::Role::TextInput);
        }
        let entries = self.entries(open);
        let chosen = &mut self.chosen[self.part as usize];
        let scroll = ScrollArea::vertical().id_salt(("list", self.part as usize)).auto_shrink(false);
        scroll.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            // Every line is as wide as the list, and begins at its left.
            ui.with_layout(Layout::top_down_justified(Align::LEFT), |ui| {
                for group in entries.chunk_by(|one, other| one.group == other.group) {
                    if let [first, ..] = group
                        && !first.group.is_empty()
                    {
                        ui.add_space(6.0);
                        let text = format!("{} ({})", first.group, group.len());
                        ui.add(Label::new(RichText::new(text).size(12.0).color(colours.weak)));
                    }
                    for entry in group {
                        let line = ui.add(Button::selectable(*chosen == entry.index, entry.name).truncate());
                        if line.gained_focus() {
                            line.scroll_to_me(None);
                        }
                        // Going through them with the keys is reading them.
                        if line.clicked() || line.gained_focus() {
                            *chosen = entry.index;
                        }
                    }
                }
                if entries.is_empty() {
                    ui.label(RichText::new("Nothing is called so.").color(colours.weak));
                }
            });
        });
    }

    fn page<'a>(&self, open: &'a Open) -> Page<'a> {
        let index = self.chosen[self.part as usize];
        match self.part {
            Part::Own => own(index),
            Part::Training => match index.checked_sub(1).and_then(|index| COLLECTIONS.get(index)) {
                Some(Collection { name, by, licence, texts }) => {
                    Page { title: (*name).into(), facts: vec![*licence, *by], texts: texts.to_vec() }
                }
                None => Page::of("What the network was trained on", licences::TRAINING),
            },
            Part::Software => match (open.packages.get(index), &open.texts) {
                (Some(package), Ok(texts)) => Page {
                    title: package.name.into(),
                    facts: vec![package.licence, package.source],
                    texts: texts.of(package).collect(),
                },
                (_, Err(error)) => Page::of("Third-party software", error),
                (None, _) => Page::of("Third-party software", ""),
            },
        }
    }
}

/// The pages on Sceneloop itself.
fn own(index: usize) -> Page<'static> {
    match index {
        1 | 2 => {
            let (name, text) = OWN[index - 1];
            Page { title: format!("{name} licence"), facts: vec!["Sceneloop"], texts: vec![text] }
        }
        3 => Page::of("Trademarks", licences::TRADEMARKS),
        _ => Page::of(concat!("Sceneloop ", env!("CARGO_PKG_VERSION")), licences::SHORT),
    }
}

impl<'a> Page<'a> {
    fn of(title: &str, text: &'a str) -> Self {
        Self { title: title.into(), facts: Vec::new(), texts: vec![text] }
    }

    /// As it is copied.
    fn whole(&self) -> String {
        let mut parts = vec![self.title.as_str()];
        parts.extend(self.facts.iter().chain(&self.texts));
        parts.join("\n\n")
    }

    fn show(&self, ui: &mut Ui) {
        let colours = look::palette(ui);
        ui.add(Label::new(RichText::new(&self.title).size(16.0).strong()).wrap());
        for fact in &self.facts {
            ui.add(Label::new(RichText::new(*fact).size(12.0).color(colours.weak)).wrap());
        }
        ui.add_space(2.0);
        // Another page begins at its top.
        let scroll = ScrollArea::vertical().id_salt(("text", &self.title)).auto_shrink(false);
        scroll.show(ui, |ui| {
            let seen = ui.clip_rect();
            let whole = ui.interact(seen, ui.scope_id().with("whole"), Sense::focusable_noninteractive());
            controls::named(&whole, format!("Text: {}", self.title), accesskit::Role::Document);
            controls::focus(ui, seen.shrink(2.0), &whole);
            if whole.has_focus() {
                ui.scroll_with_delta(egui::vec2(0.0, -moved(ui, whole.id)));
            }
            for (index, text) in self.texts.iter().enumerate() {
                if index > 0 {
                    ui.separator();
                }
                // The font has no tabulator that would stand for a width.
                let text = text.trim_matches('\n').replace('\t', "    ");
                ui.add(Label::new(RichText::new(text).size(12.0).line_height(Some(16.0))).wrap());
            }
        });
    }
}

/// How far down the keys move the text.
fn moved(ui: &Ui, id: Id) -> f32 {
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let keys = [
        (Key::ArrowDown, LINE),
        (Key::ArrowUp, -LINE),
        (Key::PageDown, PAGE),
        (Key::PageUp, -PAGE),
        (Key::End, f32::MAX / 4.0),
        (Key::Home, f32::MIN / 4.0),
    ];
    ui.input_mut(|input| {
        keys.iter().filter(|(key, _)| input.consume_key(Modifiers::NONE, *key)).map(|(_, by)| by).sum()
    })
}
