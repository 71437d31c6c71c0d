//! Events of a take: where in the song, and which.

use crate::stinger::Refusal;
use crate::stinger::grid::beats;
use sceneloop_music::{EventError, EventId, Metre, Scene};
use serde::Serialize;

/// An event that is to happen on a beat of a take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakeEvent {
    /// Bar, counted from 1 as in music software.
    pub bar: u32,
    /// Felt beat of the bar, counted from 1.
    pub beat: u32,
    /// Name of the event.
    pub event: String,
    /// Its place among the scene's.
    #[serde(skip)]
    pub id: EventId,
    /// Why it did not begin, if it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

/// Why the text of an event of a take is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakeEventError {
    /// It is not of the shape.
    #[error(
        "\"{0}\" is not an event; write a bar and a name, such as 4:victory, or a bar, a beat and a name, such as 4.3:victory"
    )]
    Shape(String),
    /// The take has no such bar.
    #[error("\"{text}\" lies outside of the {bars} bars, which are counted from 1")]
    Bar {
        /// As it was written.
        text: String,
        /// Bars of the take.
        bars: u32,
    },
    /// The metre has no such beat.
    #[error("\"{text}\" names a beat that {metre} does not have; its beats are 1 to {beats}")]
    Beat {
        /// As it was written.
        text: String,
        /// Metre of the take.
        metre: Metre,
        /// Felt beats of a bar.
        beats: usize,
    },
    /// The scene has no such event.
    #[error(transparent)]
    Event(#[from] EventError),
}

impl TakeEvent {
    /// Reads `4:victory` or `4.3:victory`: bar, beat and name.
    ///
    /// # Errors
    /// [`TakeEventError`], one sentence for the user.
    pub fn parse(text: &str, scene: &Scene, metre: Metre, bars: u32) -> Result<Self, TakeEventError> {
        let shape = || TakeEventError::Shape(text.chars().take(60).collect());
        let (place, name) = text.split_once(':').ok_or_else(shape)?;
        let (bar, beat) = place.split_once('.').unwrap_or((place, "1"));
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| shape());
        let (bar, beat) = (number(bar)?, number(beat)?);
        if !(1..=bars).contains(&bar) {
            return Err(TakeEventError::Bar { text: text.into(), bars });
        }
        let count = beats(metre).count();
        if !(1..=count).contains(&(beat as usize)) {
            return Err(TakeEventError::Beat { text: text.into(), metre, beats: count });
        }
        let id = scene.event(name)?;
        let event = scene.event_name(id).unwrap_or(name).to_owned();
        Ok(Self { bar, beat, event, id, refused: None })
    }

    /// Song position in quarter notes.
    pub fn position(&self, metre: Metre) -> f64 {
        let bars = f64::from(self.bar.saturating_sub(1));
        let beat = beats(metre).nth(self.beat.saturating_sub(1) as usize).unwrap_or(0.0);
        bars * metre.quarters_per_bar() + beat
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;

    #[test]
    fn bars_and_beats_are_counted_from_one() {
        let scene = Assets::shipped().unwrap().scenes.parse("forest").unwrap();
        let read = |text: &str, metre: &str| {
            let metre = metre.parse().unwrap();
            TakeEvent::parse(text, &scene, metre, 8).map(|event| (event.event.clone(), event.position(metre)))
        };
        assert_eq!(read("1:victory", "4/4"), Ok(("victory".into(), 0.0)));
        assert_eq!(read(" 4.3 : Boss", "4/4"), Ok(("boss".into(), 14.0)));
        assert_eq!(read("2.3:calm", "7/8"), Ok(("calm".into(), 5.5)));
        let sentence = |text: &str| read(text, "6/8").unwrap_err().to_string();
        assert!(sentence("victory").contains("4:victory"));
        assert!(sentence("x:victory").contains("is not an event"));
        assert!(sentence("0:victory").contains("counted from 1") && sentence("9:victory").contains("8 bars"));
        assert!(sentence("1.3:victory").contains("beats are 1 to 2"));
        assert!(sentence("1:vctory").contains("its events are victory, defeat"));
    }
}
