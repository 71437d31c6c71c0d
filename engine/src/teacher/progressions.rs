//! The phrases of four chords that each plan knows in each kind of mode, as scale degrees.

use super::style::Plan;
use sceneloop_music::Mode;

/// Modes whose chords move alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Major,
    Mixolydian,
    Lydian,
    Dorian,
    Minor,
    HarmonicMinor,
    Phrygian,
    Locrian,
    Hijaz,
    Blues,
    Whole,
    Five,
    DoubleHarmonic,
    Hungarian,
    Nikriz,
    Todi,
    Pelog,
}

fn ground(mode: Mode) -> Ground {
    match mode {
        Mode::Ionian | Mode::MajorPentatonic => Ground::Major,
        Mode::Mixolydian => Ground::Mixolydian,
        Mode::Lydian => Ground::Lydian,
        Mode::Dorian => Ground::Dorian,
        Mode::Aeolian | Mode::MinorPentatonic => Ground::Minor,
        Mode::HarmonicMinor => Ground::HarmonicMinor,
        Mode::Phrygian => Ground::Phrygian,
        Mode::Locrian => Ground::Locrian,
        Mode::PhrygianDominant => Ground::Hijaz,
        Mode::Blues => Ground::Blues,
        Mode::WholeTone => Ground::Whole,
        Mode::Gong | Mode::Shang | Mode::Jue | Mode::Zhi | Mode::Yu => Ground::Five,
        Mode::DoubleHarmonic => Ground::DoubleHarmonic,
        Mode::HungarianMinor => Ground::Hungarian,
        Mode::Nikriz => Ground::Nikriz,
        Mode::Todi => Ground::Todi,
        Mode::Pelog => Ground::Pelog,
    }
}

/// Phrases to choose from; each digit is a degree.
pub fn phrases(plan: Plan, mode: Mode) -> &'static [&'static str] {
    use Ground as G;
    match (plan, ground(mode)) {
        // Modes in which few degrees bear a triad: what moves there moves between those, whatever the plan.
        (Plan::Drone, G::Nikriz) => &["1112", "1121", "1211", "1115"],
        (Plan::Drone, G::DoubleHarmonic | G::Todi | G::Pelog) => &["1112", "1121", "1212", "1116"],
        (Plan::Drone, G::Hungarian) => &["1116", "1161", "1115", "1167"],
        (_, G::DoubleHarmonic) => &["1212", "1412", "1421", "1242", "1342", "1124"],
        (_, G::Hungarian) => &["1615", "1565", "1675", "1165", "1657"],
        (_, G::Nikriz) => &["1212", "1525", "1252", "1352", "1325"],
        (_, G::Todi) => &["1617", "1216", "1672", "1762", "1267"],
        (_, G::Pelog) => &["1612", "1216", "1262", "1321", "1632"],
        (Plan::Blues, G::Major | G::Mixolydian | G::Blues) => {
            &["1441", "1415", "1145", "1454", "1154", "1444"]
        }
        (Plan::Blues, _) => &["1141", "1415", "1441", "1165"],
        (Plan::Drone, G::Phrygian | G::Hijaz | G::Locrian) => &["1112", "1121", "1212"],
        (Plan::Drone, G::Whole) => &["1213", "1112", "1312"],
        (Plan::Drone, _) => &["1116", "1117", "1114", "1161"],
        (Plan::Dark, G::Major | G::Lydian) => &["1216", "1626", "1362", "1263"],
        (Plan::Dark, G::Mixolydian) => &["1717", "1747", "1177"],
        (Plan::Dark, G::Phrygian | G::Hijaz) => &["1211", "1212", "1172", "1162", "1267", "1132"],
        (Plan::Dark, G::Locrian) => &["1215", "1512", "1315", "1265"],
        (Plan::Dark, G::HarmonicMinor) => &["1615", "1645", "1165", "1425"],
        (Plan::Dark, G::Dorian) => &["1747", "1313", "1147", "1347"],
        (Plan::Dark, G::Whole) => &["1213", "1312", "1514"],
        (Plan::Dark, _) => &["1167", "1163", "1646", "1676", "1136", "1467"],
        (Plan::Vamp, G::Major) => &["1414", "1515", "1645", "1615", "1425"],
        (Plan::Vamp, G::Mixolydian) => &["1717", "1747", "1714", "1574"],
        (Plan::Vamp, G::Lydian) => &["1212", "1252", "1215", "1272"],
        (Plan::Vamp, G::Dorian) => &["1414", "1424", "1714", "1347", "1474"],
        (Plan::Vamp, G::Minor) => &["1616", "1717", "1676", "1637", "1476", "1647"],
        (Plan::Vamp, G::HarmonicMinor) => &["1515", "1415", "1645"],
        (Plan::Vamp, G::Phrygian | G::Hijaz) => &["1212", "1217", "1272", "1237"],
        (Plan::Vamp, G::Locrian) => &["1212", "1315", "1517"],
        (Plan::Vamp, G::Blues) => &["1414", "1454", "1741", "1145"],
        (Plan::Vamp, G::Whole) => &["1213", "1312"],
        (Plan::Vamp, G::Five) => &["1515", "1625", "1215", "1652", "1265", "1521"],
        (Plan::Song, G::Major) => &["1564", "1645", "1465", "1345", "1425", "6415", "4156", "1364", "1524"],
        (Plan::Song, G::Mixolydian) => &["1747", "1574", "1474", "1757", "1427"],
        (Plan::Song, G::Lydian) => &["1253", "1265", "1625", "1275"],
        (Plan::Song, G::Dorian) => &["1474", "1347", "1714", "1247", "1537"],
        (Plan::Song, G::Minor) => &["1637", "1647", "1675", "6713", "1376", "1467", "1367", "1745"],
        (Plan::Song, G::HarmonicMinor) => &["1645", "1465", "1425", "1635"],
        (Plan::Song, G::Phrygian | G::Hijaz) => &["1232", "1672", "1762", "1427"],
        (Plan::Song, G::Locrian) => &["1365", "1653", "1265"],
        (Plan::Song, G::Blues) => &["1745", "1454", "1474"],
        (Plan::Song, G::Whole) => &["1234", "1324", "1413"],
        (Plan::Song, G::Five) => &["1652", "1625", "1562", "1265", "1526"],
        (Plan::Cadence, G::Major) => &["1425", "1645", "1625", "1465", "1245", "1575", "1365", "1655"],
        (Plan::Cadence, G::Mixolydian) => &["1427", "1747", "1547", "1475"],
        (Plan::Cadence, G::Lydian) => &["1625", "1265", "1365", "1275"],
        (Plan::Cadence, G::Dorian) => &["1427", "1347", "1475", "1245"],
        (Plan::Cadence, G::Minor) => &["1475", "1645", "1465", "1367", "1425", "1637"],
        (Plan::Cadence, G::HarmonicMinor) => &["1425", "1645", "1465", "1575", "1415"],
        (Plan::Cadence, G::Phrygian | G::Hijaz) => &["1472", "1672", "1432", "1427"],
        (Plan::Cadence, G::Locrian) => &["1635", "1365", "1425"],
        (Plan::Cadence, G::Blues) => &["1415", "1445", "1425"],
        (Plan::Cadence, G::Whole) => &["1243", "1342", "1413"],
        (Plan::Cadence, G::Five) => &["1625", "1265", "1652", "1525"],
        (Plan::Jazz, G::Major | G::Lydian) => &["1625", "3625", "2516", "1425", "1365", "2536"],
        (Plan::Jazz, G::Mixolydian) => &["1427", "1757", "1247"],
        (Plan::Jazz, G::Dorian) => &["1425", "1414", "1245", "1737"],
        (Plan::Jazz, G::Minor | G::HarmonicMinor) => &["1425", "1625", "6251", "4251", "1465"],
        (Plan::Jazz, G::Phrygian | G::Hijaz) => &["1272", "1627", "1472"],
        (Plan::Jazz, G::Locrian) => &["1465", "1265", "1635"],
        (Plan::Jazz, G::Blues) => &["1425", "1415", "1445"],
        (Plan::Jazz, G::Whole) => &["1213", "1342", "1514"],
        (Plan::Jazz, G::Five) => &["1625", "1265", "1652"],
    }
}

/// Degrees whose chord leads back to the first.
pub fn homeward(plan: Plan, mode: Mode) -> &'static [u8] {
    use Ground as G;
    match (plan, ground(mode)) {
        (Plan::Drone, G::Phrygian | G::Hijaz | G::Locrian | G::Whole | G::Nikriz) => &[1, 2],
        (Plan::Drone, G::DoubleHarmonic | G::Todi | G::Pelog) => &[1, 2, 6],
        (Plan::Drone, G::Hungarian) => &[1, 5, 6],
        (_, G::DoubleHarmonic) => &[2, 4],
        (_, G::Hungarian) => &[5, 7],
        (_, G::Nikriz) => &[2, 5],
        (_, G::Todi) => &[2, 7],
        (_, G::Pelog) => &[2, 6],
        (Plan::Drone, _) => &[1, 4, 6, 7],
        (_, G::Phrygian | G::Hijaz) => &[2, 7],
        (_, G::Whole) => &[2, 3, 4],
        (_, G::Locrian) => &[2, 5, 7],
        (_, G::Five) => &[5, 2, 6],
        (_, G::Mixolydian) => &[7, 4, 5],
        (_, G::Lydian) => &[5, 2, 7],
        (Plan::Cadence | Plan::Jazz, G::Major | G::HarmonicMinor | G::Blues) => &[5],
        (_, G::HarmonicMinor) => &[5],
        (_, G::Blues) => &[5, 4, 7],
        (Plan::Cadence | Plan::Jazz, _) => &[5, 7],
        (_, G::Dorian) => &[4, 7, 5],
        (_, G::Major) => &[5, 4, 6],
        (_, G::Minor) => &[7, 5, 6, 4],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_four_degrees() {
        use Plan::*;
        for mode in Mode::ALL {
            for plan in [Drone, Vamp, Song, Cadence, Blues, Jazz, Dark] {
                for phrase in phrases(plan, mode) {
                    assert_eq!(phrase.len(), 4);
                    assert!(phrase.bytes().all(|digit| (b'1'..=b'7').contains(&digit)));
                }
                assert!(homeward(plan, mode).iter().all(|degree| (1..=7).contains(degree)));
            }
        }
    }
}
