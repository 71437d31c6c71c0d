//! Colours, spacing and fonts.

use egui::epaint::text::{FallbackRequest, FontInsert, FontPriority, InsertFontFamily};
use egui::{Color32, Context, CornerRadius, FontData, FontId, Stroke, Style, TextStyle, Theme, Visuals};
use sceneloop_music::Role;
use std::sync::{Arc, OnceLock};

/// Behind everything.
pub const BACKGROUND: Color32 = Color32::from_rgb(0x12, 0x14, 0x1a);
/// Of raised areas.
pub const PANEL: Color32 = Color32::from_rgb(0x1a, 0x1d, 0x26);
/// Of controls.
pub const CONTROL: Color32 = Color32::from_rgb(0x25, 0x29, 0x36);
/// Of lines between things.
pub const LINE: Color32 = Color32::from_rgb(0x2e, 0x33, 0x42);
/// Of words to read.
pub const TEXT: Color32 = Color32::from_rgb(0xdd, 0xe1, 0xea);
/// Of captions.
pub const WEAK: Color32 = Color32::from_rgb(0x8a, 0x91, 0xa5);
/// Of what is chosen.
pub const ACCENT: Color32 = Color32::from_rgb(0x5b, 0x8f, 0xd9);
/// Of what went wrong.
pub const ERROR: Color32 = Color32::from_rgb(0xf0, 0x7f, 0x76);
/// Of what is well.
pub const WELL: Color32 = Color32::from_rgb(0x6f, 0xb8, 0x5c);
/// Low, middle and high energy.
pub const ENERGY: [Color32; 3] = [
    Color32::from_rgb(0x3f, 0x8f, 0xa8),
    Color32::from_rgb(0xe5, 0xa0, 0x3c),
    Color32::from_rgb(0xe0, 0x5a, 0x4e),
];

/// The colour of a role, as in every picture of ours.
pub fn role(role: Role) -> Color32 {
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
pub fn apply(context: &Context) {
    context.set_theme(Theme::Dark);
    context.add_font_provider(Arc::new(chinese_font));
    context.all_styles_mut(style);
}

fn style(style: &mut Style) {
    let mut visuals = Visuals::dark();
    visuals.panel_fill = BACKGROUND;
    visuals.window_fill = PANEL;
    visuals.window_stroke = Stroke::new(1.0, LINE);
    visuals.extreme_bg_color = CONTROL;
    visuals.override_text_color = Some(TEXT);
    visuals.weak_text_color = Some(WEAK);
    visuals.error_fg_color = ERROR;
    visuals.selection.bg_fill = ACCENT.gamma_multiply(0.45);
    visuals.selection.stroke = Stroke::new(1.0, ACCENT);
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
    for (widget, fill, line) in [
        (&mut widgets.inactive, CONTROL, CONTROL),
        (&mut widgets.hovered, LINE, WEAK),
        (&mut widgets.active, LINE, ACCENT),
        (&mut widgets.open, LINE, ACCENT),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, line);
    }
    style.visuals = visuals;
    style.spacing.item_spacing = egui::vec2(8.0, 6.0);
    style.spacing.button_padding = egui::vec2(10.0, 4.0);
    style.spacing.interact_size.y = 26.0;
    for (text, size) in [(TextStyle::Body, 14.0), (TextStyle::Button, 14.0), (TextStyle::Small, 11.0)] {
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
