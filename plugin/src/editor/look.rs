//! Colours, spacing and fonts.

use egui::epaint::text::{FallbackRequest, FontInsert, FontPriority, InsertFontFamily};
use egui::{Color32, Context, CornerRadius, FontData, FontId, Stroke, Style, TextStyle, Theme, Visuals};
use sceneloop_music::Role;
use std::sync::{Arc, OnceLock};

/// The colours of one theme. Words have a contrast of at least 4.5 to 1 on whatever they stand on.
#[derive(Debug, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Of raised areas.
    pub panel: Color32,
    /// Of controls.
    pub control: Color32,
    /// Of lines between things.
    pub line: Color32,
    /// Of words to read.
    pub text: Color32,
    /// Of captions.
    pub weak: Color32,
    /// Of what is chosen.
    pub accent: Color32,
    /// Of words on what is chosen, and on what is lit.
    pub on_lit: Color32,
    /// Of what went wrong.
    pub error: Color32,
    /// Of what is well.
    pub well: Color32,
    /// Of what is switched off on purpose: a mute.
    pub warn: Color32,
    /// Of what is kept: a lock.
    pub kept: Color32,
    /// How much of a role's own colour there is; the rest is black.
    role: f32,
}

static DARK: Palette = Palette {
    background: Color32::from_rgb(0x12, 0x14, 0x1a),
    panel: Color32::from_rgb(0x1a, 0x1d, 0x26),
    control: Color32::from_rgb(0x25, 0x29, 0x36),
    line: Color32::from_rgb(0x2e, 0x33, 0x42),
    text: Color32::from_rgb(0xdd, 0xe1, 0xea),
    weak: Color32::from_rgb(0x9b, 0xa2, 0xb5),
    accent: Color32::from_rgb(0x6b, 0x9f, 0xe6),
    on_lit: Color32::from_rgb(0x12, 0x14, 0x1a),
    error: Color32::from_rgb(0xf0, 0x7f, 0x76),
    well: Color32::from_rgb(0x6f, 0xb8, 0x5c),
    warn: Color32::from_rgb(0xe5, 0xa0, 0x3c),
    kept: Color32::from_rgb(0xd8, 0xc4, 0x5a),
    role: 1.0,
};

static LIGHT: Palette = Palette {
    background: Color32::from_rgb(0xee, 0xf0, 0xf4),
    panel: Color32::from_rgb(0xfb, 0xfc, 0xfd),
    control: Color32::from_rgb(0xe1, 0xe5, 0xec),
    line: Color32::from_rgb(0xc6, 0xcd, 0xd8),
    text: Color32::from_rgb(0x1a, 0x1e, 0x27),
    weak: Color32::from_rgb(0x4d, 0x55, 0x66),
    accent: Color32::from_rgb(0x1f, 0x5f, 0xb4),
    on_lit: Color32::WHITE,
    error: Color32::from_rgb(0xa8, 0x20, 0x1a),
    well: Color32::from_rgb(0x24, 0x6b, 0x2c),
    warn: Color32::from_rgb(0x8a, 0x55, 0x00),
    kept: Color32::from_rgb(0x70, 0x5d, 0x00),
    role: 0.82,
};

/// The colours of the theme that a window has.
pub fn palette(ui: &egui::Ui) -> &'static Palette {
    of(ui.visuals().dark_mode)
}

fn of(is_dark: bool) -> &'static Palette {
    if is_dark { &DARK } else { &LIGHT }
}

/// The colour behind everything.
pub fn background(theme: Theme) -> Color32 {
    of(theme == Theme::Dark).background
}

impl Palette {
    /// The colour of a role, as in every picture of ours.
    pub fn role(&self, role: Role) -> Color32 {
        Color32::BLACK.lerp_to_gamma(self::role(role), self.role)
    }
}

/// Low, middle and high energy.
pub const ENERGY: [Color32; 3] = [
    Color32::from_rgb(0x2a, 0x74, 0x8c),
    Color32::from_rgb(0xa2, 0x66, 0x0e),
    Color32::from_rgb(0xc0, 0x42, 0x38),
];

fn role(role: Role) -> Color32 {
    let [red, green, blue] = role.colour();
    Color32::from_rgb(red, green, blue)
}

/// The colour at an energy of 0 to 1.
pub fn energy(unit: f32) -> Color32 {
    let [low, middle, high] = ENERGY;
    if unit < 0.5 {
        low.lerp_to_gamma(middle, unit * 2.0)
    } else {
        middle.lerp_to_gamma(high, unit * 2.0 - 1.0)
    }
}

/// Text of a size in points.
pub fn font(size: f32) -> FontId {
    FontId::proportional(size)
}

/// Makes a fresh context look like Sceneloop.
pub fn apply(context: &Context, theme: Theme) {
    context.add_font_provider(Arc::new(chinese_font));
    for theme in [Theme::Dark, Theme::Light] {
        context.style_mut_of(theme, |own| style(own, of(theme == Theme::Dark)));
    }
    context.set_theme(theme);
}

fn style(style: &mut Style, colours: &Palette) {
    let mut visuals = if *colours == DARK { Visuals::dark() } else { Visuals::light() };
    visuals.panel_fill = Color32::TRANSPARENT; // the window is cleared with the background
    visuals.window_fill = colours.panel;
    visuals.window_stroke = Stroke::new(1.0, colours.line);
    visuals.extreme_bg_color = colours.control;
    visuals.override_text_color = Some(colours.text);
    visuals.weak_text_color = Some(colours.weak);
    visuals.error_fg_color = colours.error;
    visuals.selection.bg_fill = colours.accent.gamma_multiply(0.45);
    visuals.selection.stroke = Stroke::new(1.5, colours.accent);
    let widgets = &mut visuals.widgets;
    for widget in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(5);
        widget.expansion = 0.0;
    }
    // The active one is also how the widget looks that the keyboard is on.
    for (widget, fill, line) in [
        (&mut widgets.inactive, colours.control, colours.control),
        (&mut widgets.hovered, colours.line, colours.weak),
        (&mut widgets.active, colours.line, colours.accent),
        (&mut widgets.open, colours.line, colours.accent),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, line);
    }
    widgets.active.bg_stroke.width = 2.0;
    style.visuals = visuals;
    style.spacing.item_spacing = egui::vec2(8.0, 6.0);
    style.spacing.button_padding = egui::vec2(8.0, 4.0);
    style.spacing.interact_size.y = 26.0;
    for (text, size) in [(TextStyle::Body, 14.0), (TextStyle::Button, 13.0), (TextStyle::Small, 11.0)] {
        style.text_styles.insert(text, font(size));
    }
}

/// Whether Chinese names can be shown here.
pub fn has_chinese(ui: &egui::Ui) -> bool {
    ui.ctx().fonts_mut(|fonts| fonts.has_glyphs(&font(14.0), "城雨"))
}

/// egui's own fonts have no Chinese characters and such a font weighs as much as all of Sceneloop, so the first one
/// that the system has is used, read once and only when such a character is to be shown.
fn chinese_font(request: &FallbackRequest<'_>) -> Option<FontInsert> {
    static FOUND: OnceLock<Option<FontData>> = OnceLock::new();
    let letter = request.cluster.chars().next()?;
    // From the radicals to the compatibility forms of full width; nothing below is Chinese.
    if !('\u{2e80}'..='\u{ffef}').contains(&letter) {
        return None;
    }
    let data =
        FOUND.get_or_init(|| CHINESE_FONTS.iter().find_map(|(path, index)| read(path, *index))).clone()?;
    let family = InsertFontFamily { family: request.family.clone(), priority: FontPriority::Lowest };
    Some(FontInsert::new("system Chinese", data, vec![family]))
}

fn read(path: &str, index: u32) -> Option<FontData> {
    let bytes = std::fs::read(path).ok()?;
    Some(FontData { index, ..FontData::from_owned(bytes) })
}

/// Files of fonts with simplified Chinese characters and the face to use, best first.
#[cfg(all(unix, not(target_os = "macos")))]
const CHINESE_FONTS: [(&str, u32); 11] = [
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/adobe-source-han-sans/SourceHanSansCN-Regular.otf", 0),
    ("/usr/share/fonts/adobe-source-han-sans-cn-fonts/SourceHanSansCN-Regular.otf", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
    ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
];
#[cfg(target_os = "macos")]
const CHINESE_FONTS: [(&str, u32); 3] = [
    ("/System/Library/Fonts/PingFang.ttc", 0),
    ("/System/Library/Fonts/Hiragino Sans GB.ttc", 0),
    ("/System/Library/Fonts/STHeiti Light.ttc", 0),
];
#[cfg(windows)]
const CHINESE_FONTS: [(&str, u32); 3] = [
    ("C:\\Windows\\Fonts\\msyh.ttc", 0),
    ("C:\\Windows\\Fonts\\simhei.ttf", 0),
    ("C:\\Windows\\Fonts\\simsun.ttc", 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast as in WCAG 2.2.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let luminance = |colour: Color32| {
            let linear = egui::Rgba::from(colour);
            0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn words_can_be_read_on_whatever_they_stand_on() {
        for colours in [&DARK, &LIGHT] {
            for under in [colours.background, colours.panel, colours.control] {
                for word in [
                    colours.text,
                    colours.weak,
                    colours.error,
                    colours.accent,
                    colours.well,
                    colours.warn,
                    colours.kept,
                ] {
                    assert!(contrast(word, under) >= 4.5, "{word:?} on {under:?}: {}", contrast(word, under));
                }
            }
            for lit in [colours.accent, colours.warn, colours.kept, colours.error] {
                assert!(contrast(colours.on_lit, lit) >= 4.5, "{lit:?}: {}", contrast(colours.on_lit, lit));
            }
        }
        // The energy is told in white on its own colours, and where it does not reach on the control's.
        for unit in 0..=10 {
            let under = energy(unit as f32 / 10.0);
            assert!(contrast(Color32::WHITE, under) >= 4.5, "{unit}: {}", contrast(Color32::WHITE, under));
        }
    }

    #[test]
    fn no_text_is_smaller_than_eleven_points() {
        let context = Context::default();
        apply(&context, Theme::Light);
        assert!(context.style_of(Theme::Dark).text_styles.values().all(|font| font.size >= 11.0));
        assert!(context.style_of(Theme::Light).text_styles.values().all(|font| font.size >= 11.0));
    }
}
