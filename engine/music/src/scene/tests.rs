//! What the shipped scene files promise.

use super::{Family, MAX_SECTIONS, MAX_TAGS, Scene, SceneError, SceneTable, Tag};
use crate::{Dimension, Mode, Role, Style};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/scenes");
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().into(), std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

static TABLE: LazyLock<SceneTable> = LazyLock::new(|| {
    let files = files();
    SceneTable::from_toml(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap()
});

/// Every patch the renderer is to supply.
const PATCHES: &str = "
    kit-808 kit-909 kit-acoustic kit-brushes kit-industrial kit-lofi kit-orchestral kit-chip kit-latin kit-chinese
    bass-sub bass-saw bass-reese bass-fm bass-upright bass-finger bass-chip bass-acid bass-strings
    chords-epiano chords-piano chords-organ chords-stab chords-guitar chords-nylon chords-brass chords-chip chords-lute
    chords-strings pad-warm pad-choir pad-strings pad-glass pad-dark pad-space
    arp-pluck arp-bell arp-saw arp-chip arp-harp arp-marimba arp-guzheng arp-piano
    lead-saw lead-square lead-flute lead-fm lead-strings lead-trumpet lead-vibes lead-whistle lead-chip lead-guitar
    lead-pluck lead-piano lead-choir
    tex-rain tex-wind tex-vinyl tex-city tex-crowd tex-water tex-drone tex-night tex-fire tex-machine tex-air
    bass-wobble bass-808 bass-growl bass-slap bass-picked bass-dub bass-tuba bass-drone bass-moog
    bass-tremolo-strings chords-supersaw chords-clav chords-distortion chords-skank chords-accordion
    chords-harpsichord chords-brass-section chords-strings-spiccato chords-bubble-organ chords-bandoneon
    chords-saron chords-tanpura chords-hammond chords-choir chords-acoustic pad-supersaw pad-wavetable pad-bowed
    pad-organ pad-tape pad-shimmer pad-gongs pad-horns pad-sweep pad-tanpura arp-koto arp-nylon arp-oud
    arp-sitar arp-gender arp-wavetable arp-trance arp-celesta arp-pizzicato arp-banjo arp-muted-guitar arp-glass
    arp-santur arp-fm lead-supersaw lead-erhu lead-dizi lead-oud lead-sitar lead-bansuri lead-ney lead-fiddle
    lead-tin-whistle lead-bagpipe lead-distortion lead-hook lead-horn lead-oboe lead-clarinet lead-sax
    lead-theremin lead-saron lead-accordion lead-violin lead-cello lead-harmonica lead-koto lead-guqin arp-bubble-organ arp-piccolo
    kit-trap kit-taiko
    kit-glitch kit-metal kit-disco kit-linn kit-dub kit-march kit-gamelan kit-tabla kit-darbuka kit-bodhran
    tex-space tex-forest tex-crackle tex-stadium tex-cave tex-tape tex-market tex-glitch";

#[test]
fn the_table_is_large_and_every_family_and_style_is_in_use() {
    let tags = TABLE.tags();
    assert!(tags.len() >= 100, "{}", tags.len());
    for family in Family::ALL {
        assert!(tags.iter().filter(|tag| tag.family == family).count() >= 10, "{family:?}");
    }
    for style in Style::ALL {
        let named =
            |tag: &&Tag| tag.style == *style && tag.style_weight == 1.0 && tag.family == Family::Style;
        assert!(tags.iter().find(named).is_some(), "{style} has no tag that names it");
        assert_eq!(TABLE.baseline(*style).style, *style);
        // All but tonic, mode brightness and tempo.
        assert_eq!(TABLE.baseline(*style).wanted.len(), Dimension::ALL.len() - 4, "{style}");
    }
}

#[test]
fn the_tags_that_were_promised_are_there_in_both_languages() {
    let promised = "cyberpunk city,dungeon,forest,village,desert,space station,underwater,snowfield,haunted house,temple,\
        tavern,racetrack,exploration,stealth,chase,combat,boss fight,victory,defeat,puzzle,menu,credits,shop,cutscene,\
        just chatting,study with me,hype,starting soon,be right back,pop,classical,jazz,electronic,rock,country,folk,\
        hip-hop,blues,latin,techno,house,drum and bass,synthwave,lo-fi,ambient,orchestral,chiptune,chinese traditional,\
        trance,dubstep,trap,funk,disco,metal,punk,reggae,ballad,space music,celtic,gamelan,raga,maqam,waltz,march,\
        cheerful,sad,romantic,passionate,gentle,melancholic,mysterious,tense,horrifying,peaceful,rain,night,dawn";
    for name in promised.split(',') {
        let tag = TABLE.find(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(tag.id, name);
        assert!(tag.zh.chars().all(|c| c > '\u{2e80}'), "{}", tag.zh);
        assert_eq!(TABLE.find(&tag.zh).unwrap().id, tag.id);
        assert!(!tag.aliases.is_empty(), "{name}");
    }
}

#[test]
fn every_name_finds_its_tag_and_every_tag_makes_a_whole_scene() {
    for tag in TABLE.tags() {
        for name in tag.names() {
            assert_eq!(TABLE.find(&name.to_uppercase()).unwrap().id, tag.id, "{name}");
        }
        let scene = TABLE.parse(&tag.zh).unwrap();
        assert_eq!(scene.text, format!("{}:1", tag.id));
        assert_eq!(scene.style(), tag.style);
        assert!(!scene.events.is_empty(), "{}", tag.id);
        assert_whole(&scene);
    }
}

fn assert_whole(scene: &Scene) {
    let one = |sum: f32| (sum - 1.0).abs() < 1e-4;
    assert!(one(scene.styles.iter().map(|(_, weight)| weight).sum()));
    assert!(one(scene.modes.iter().map(|(_, weight)| weight).sum()));
    assert!(scene.wanted.0.iter().all(|value| (0.0..=1.0).contains(value)), "{}", scene.text);
    assert!(
        scene.tempo.0 <= scene.tempo.1 && scene.tempo.0 >= 40.0 && scene.tempo.1 <= 200.0,
        "{}",
        scene.text
    );
    assert!((0.0..=1.0).contains(&scene.human));
    assert!(scene.roles.iter().all(|(_, presence)| (0.0..=1.0).contains(presence)));
    assert!(scene.roles.iter().filter(|(_, presence)| **presence >= 0.5).count() >= 2, "{}", scene.text);
    assert!(scene.patches.iter().all(|(_, patch)| PATCHES.split_whitespace().any(|known| known == patch)));
}

#[test]
fn no_two_tags_make_the_same_scene() {
    let content = |scene: &Scene| {
        let mut scene = scene.clone();
        (scene.text, scene.tags) = (String::new(), Vec::new());
        scene.events.clear();
        scene
    };
    let scenes: Vec<Scene> = TABLE.tags().iter().map(|tag| TABLE.parse(&tag.id).unwrap()).collect();
    for (index, scene) in scenes.iter().enumerate() {
        for other in &scenes[index + 1..] {
            assert_ne!(content(scene), content(other), "{} and {}", scene.text, other.text);
            // Numbers alone must tell them apart as well, or they would sound alike.
            let distance: f32 = Dimension::ALL
                .iter()
                .map(|d| (scene.wanted[*d] - other.wanted[*d]).abs())
                .chain(Role::ALL.map(|role| (scene.roles[role] - other.roles[role]).abs()))
                .chain(Role::ALL.map(|role| f32::from(u8::from(scene.patches[role] != other.patches[role]))))
                .sum();
            assert!(distance > 0.3, "{} and {}: {distance}", scene.text, other.text);
        }
    }
}

#[test]
fn patches_are_those_of_the_renderer_and_others_are_named() {
    assert_eq!(TABLE.check_patches(PATCHES.split_whitespace()), Ok(()));
    let without = PATCHES.split_whitespace().filter(|patch| *patch != "tex-rain");
    let error = TABLE.check_patches(without).unwrap_err().to_string();
    assert!(error.contains("tex-rain"), "{error}");
}

#[test]
fn every_mode_and_every_patch_has_a_scene() {
    let scenes: Vec<Scene> = TABLE.tags().iter().map(|tag| TABLE.parse(&tag.id).unwrap()).collect();
    let modes: BTreeSet<Mode> =
        scenes.iter().flat_map(|scene| scene.modes.iter().map(|(mode, _)| *mode)).collect();
    assert_eq!(modes.len(), Mode::ALL.len());
    let used: BTreeSet<&str> =
        scenes.iter().flat_map(|scene| scene.patches.iter().map(|(_, id)| id.as_str())).collect();
    let unused: Vec<&str> = PATCHES.split_whitespace().filter(|patch| !used.contains(patch)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn rain_falls_on_the_cyberpunk_city_and_does_not_wash_it_away() {
    let city = TABLE.parse("cyberpunk city").unwrap();
    let rainy = TABLE.parse("cyberpunk city:1, rain:0.5").unwrap();
    assert_eq!(rainy.style(), Style::Cyberpunk);
    assert!(rainy.styles[0].1 > 0.9);
    assert_eq!(rainy.patches[Role::Texture], "tex-rain");
    for role in [Role::Drums, Role::Bass, Role::Chords, Role::Pad, Role::Arp, Role::Lead] {
        assert_eq!(rainy.patches[role], city.patches[role]);
    }
    assert!(rainy.roles[Role::Texture] > city.roles[Role::Texture]);
    assert_eq!(rainy.tempo.0, {
        // By hand: log mean of 96 (weight 1) and of lo-fi's 68 (weight 0.5 × 0.15).
        ((96f64.ln() + 0.075 * 68f64.ln()) / 1.075).exp().round()
    });
    assert_eq!(rainy.events, {
        let mut events = TABLE.parse("rain").unwrap().events;
        events.extend(city.events);
        events
    });
}

#[test]
fn a_mix_lies_between_its_tags_and_follows_their_weights() {
    let (sad, glad) = (TABLE.parse("sad").unwrap(), TABLE.parse("cheerful").unwrap());
    let valence = |text: &str| TABLE.parse(text).unwrap().wanted[Dimension::Valence];
    let expected = (3.0 * sad.wanted[Dimension::Valence] + glad.wanted[Dimension::Valence]) / 4.0;
    assert!((valence("sad:3, cheerful") - expected).abs() < 1e-6);
    let steps = [0.1, 0.5, 1.0, 2.0, 5.0].map(|weight| valence(&format!("techno, sad:{weight}")));
    assert!(steps.windows(2).all(|pair| pair[0] > pair[1]), "{steps:?}");
}

#[test]
fn both_languages_all_separators_and_sums_read_alike() {
    let one = TABLE.parse("cyberpunk city:1, rain:0.5").unwrap();
    for text in [
        "赛博朋克城市，雨:0.5",
        "雨：0.5；赛博朋克城市：1",
        "赛博朋克、下雨:0.5",
        " Cyberpunk-City ;; rain : 0.25,\n Rainy: .25 ,",
    ] {
        assert_eq!(TABLE.parse(text).unwrap(), one, "{text}");
    }
    assert_eq!(one.text, "cyberpunk city:1, rain:0.5");
}

#[test]
fn faults_are_told_in_one_sentence() {
    let message = |text: &str| TABLE.parse(text).unwrap_err().to_string();
    assert!(message("cyberpnk city").contains("\"cyberpunk city\" (赛博朋克城市)"));
    assert!(message("赛博朋客城市").contains("赛博朋克城市"));
    assert!(message("森木").contains("\"forest\" (森林)"));
    assert!(message("a very spooky haunted house indeed").contains("haunted house"));
    for empty in ["", "  ", ",，、"] {
        assert_eq!(TABLE.parse(empty), Err(SceneError::Empty));
    }
    for weight in ["0", "-1", "nan", "inf", "11", "", "much", "1:2"] {
        assert!(matches!(TABLE.parse(&format!("rain:{weight}")), Err(SceneError::Weight { .. })), "{weight}");
    }
    assert!(matches!(TABLE.parse("rain:6, rain:6"), Err(SceneError::Weight { .. })));
    let many: Vec<&str> = TABLE.tags().iter().take(MAX_TAGS + 1).map(|tag| tag.id.as_str()).collect();
    assert_eq!(TABLE.parse(&many.join(",")), Err(SceneError::TooMany(MAX_TAGS + 1)));
    assert!(TABLE.parse(&many[..MAX_TAGS].join(",")).is_ok());
    assert_eq!(TABLE.parse(&"x".repeat(2000)), Err(SceneError::Long(2000)));
    assert!(message(&"x".repeat(900)).len() < 300);
}

#[test]
fn sections_stand_in_brackets_in_both_languages_and_leave_the_music_as_it_is() {
    let plain = TABLE.parse("cyberpunk city, rain:0.5").unwrap();
    assert!(plain.form.is_empty());
    let asked =
        TABLE.parse("cyberpunk city, rain:0.5 [intro] [Verse:16] [chorus] [bridge:4] [outro]").unwrap();
    assert_eq!(asked.text, "cyberpunk city:1, rain:0.5 [intro:8] [verse:16] [chorus:8] [bridge:4] [outro:8]");
    assert_eq!(asked.tags_text(), plain.text);
    assert_eq!(Scene { text: plain.text.clone(), form: vec![], ..asked.clone() }, plain);
    for same in [
        "【前奏】赛博朋克城市，雨:0.5［主歌：16］[副歌][桥段:4]、[尾奏]",
        "[intro, a:16; hook] cyberpunk city [bridge:4] rain:0.5 [coda]",
    ] {
        assert_eq!(TABLE.parse(same).unwrap(), asked, "{same}");
    }
}

#[test]
fn faults_of_sections_are_told_in_one_sentence() {
    for (text, expected) in [
        ("rain [verze]", "\"verze\" is not a section; the nearest are \"verse\" (主歌)"),
        ("rain [bild:8]", "\"build\" (铺垫)"),
        ("rain [副]", "\"chorus\" (副歌)"),
        ("rain []", "is not a section"),
        ("rain [verse:0]", "the section \"verse\" lasts 1 to 64 bars, not \"0\""),
        ("rain [主歌:65]", "not \"65\""),
        ("rain [verse:-4]", "not \"-4\""),
        ("rain [verse:]", "not \"\""),
        ("rain [verse", "other half"),
        ("rain verse]", "other half"),
        ("rain [[verse]]", "other half"),
        ("rain [verse］", "other half"),
        ("[verse]", "at least one tag"),
        (&format!("rain {}", "[drop]".repeat(MAX_SECTIONS + 1)), "at most 32 sections, not 33"),
    ] {
        let sentence = TABLE.parse(text).unwrap_err().to_string();
        assert!(sentence.contains(expected) && !sentence.contains('\n'), "{text}: {sentence}");
    }
    assert_eq!(TABLE.parse(&format!("rain {}", "[drop]".repeat(MAX_SECTIONS))).unwrap().form.len(), 32);
}

#[test]
fn a_bad_table_is_refused_and_the_fault_named() {
    let good = files();
    let with = |file: &str, text: &str| {
        let texts = good.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        SceneTable::from_toml(texts.chain([(file, text)])).unwrap_err().to_string()
    };
    let tag = |rest: &str| {
        with(
            "x.toml",
            &format!("family = \"mood\"\n[[tag]]\nid = \"x\"\nzh = \"某\"\nstyle = \"pop\"\n{rest}"),
        )
    };
    assert!(with("x.toml", "family = 3").starts_with("x.toml: "));
    assert!(tag("colour = 1").contains("unknown field"));
    assert!(tag("aliases = [\"rain\"]").contains("given twice"));
    assert!(tag("aliases = [\"a:b\"]").contains("separator"));
    assert!(tag("aliases = [\"a [b]\"]").contains("separator"));
    assert!(tag("wanted = { valence = 1.5 }").contains("valence is 0 to 1"));
    assert!(tag("wanted = { tempo = 0.5 }").contains("follows from"));
    assert!(tag("patches = { lead = \"kit-808\" }").contains("not a patch for the lead"));
    assert!(tag("tempo = [120, 100]").contains("range"));
    assert!(tag("modes = { ionian = 0 }").contains("above 0"));
    assert!(tag("style_weight = 0").contains("style_weight"));
    assert!(tag("events = { boss = { energy = 101 } }").contains("0 to 100"));
    assert!(tag("events = { boss = { bars = 2 } }").contains("changes nothing"));
    assert!(tag("events = { boss = { scene = \"{tag}, nowhere at all\" } }").contains("not a scene tag"));
    assert!(with("x.toml", "[[tag]]\nid = \"x\"\nzh = \"某\"\nstyle = \"pop\"").contains("family"));
    let without = good.iter().filter(|(name, _)| name != "baselines.toml");
    let error =
        SceneTable::from_toml(without.map(|(name, text)| (name.as_str(), text.as_str()))).unwrap_err();
    assert!(error.to_string().contains("no baseline"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in ".*") {
        let _ = TABLE.parse(&text);
    }

    #[test]
    fn a_scene_reads_back_from_its_own_text(
        parts in prop::collection::vec((any::<prop::sample::Index>(), 1e-6f32..10.0), 1..=MAX_TAGS),
    ) {
        let text: Vec<String> =
            parts.iter().map(|(tag, weight)| format!("{}:{weight}", tag.get(TABLE.tags()).id)).collect();
        if let Ok(scene) = TABLE.parse(&text.join("、")) {
            prop_assert_eq!(&TABLE.parse(&scene.text).unwrap(), &scene);
            prop_assert!(scene.wanted.0.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}
