//! How drummers lean on the sixteenths of a bar.
//!
//! The numbers are mean MIDI velocities by sixteenth, measured over the beats of the Groove MIDI Dataset (Gillick et
//! al., "Learning to Groove with Inverse Sequence Transformations", 2019; data under CC BY 4.0) whose genre is named;
//! 0 where hardly anything was played. Ghosts have a softness of their own and keep it.

/// What is added to the velocity of drum strokes by the sixteenth of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feel {
    /// Kick and toms.
    pub low: [i8; 16],
    /// Snare, rim and clap.
    pub back: [i8; 16],
    /// Cymbals, shakers and all else that keeps time.
    pub time: [i8; 16],
}

impl Feel {
    /// As written.
    pub const EVEN: Self = Self { low: [0; 16], back: [0; 16], time: [0; 16] };

    /// 164 pieces of rock.
    pub const ROCK: Self = Self::played(
        [80, 33, 70, 56, 76, 52, 66, 60, 79, 51, 66, 65, 76, 54, 60, 57],
        [78, 52, 67, 65, 87, 58, 72, 59, 74, 62, 73, 64, 84, 55, 71, 58],
    );

    /// 6 pieces of pop.
    pub const POP: Self = Self::played(
        [62, 0, 48, 0, 58, 37, 44, 0, 66, 0, 45, 0, 57, 0, 43, 0],
        [89, 51, 47, 64, 90, 74, 42, 63, 92, 53, 46, 49, 91, 60, 51, 61],
    );

    /// 26 pieces of hip-hop.
    pub const HIP_HOP: Self = Self::played(
        [82, 0, 73, 54, 63, 51, 61, 39, 80, 48, 73, 57, 68, 58, 65, 38],
        [89, 45, 71, 47, 96, 48, 72, 42, 84, 54, 76, 51, 95, 52, 79, 58],
    );

    /// 9 shuffles; what lies on the sixteenths before the eighths is what a shuffle swings.
    pub const SHUFFLE: Self = Self::played(
        [56, 26, 0, 31, 63, 42, 32, 30, 53, 25, 0, 35, 75, 37, 34, 26],
        [68, 40, 67, 63, 83, 53, 71, 68, 63, 69, 57, 47, 91, 46, 67, 64],
    );

    /// 14 pieces of swing: the ride leans on two and four. Its kick is feathered and written so.
    pub const SWING: Self = Self {
        low: [0; 16],
        ..Self::played([0; 16], [69, 0, 0, 67, 85, 0, 84, 58, 71, 0, 0, 66, 84, 0, 85, 57])
    };

    /// Half of how far each place stands from the mean of the eighths: the patterns tell accents from soft strokes
    /// already.
    const fn played(low: [u8; 16], time: [u8; 16]) -> Self {
        Self { low: Self::lean(low), back: [0; 16], time: Self::lean(time) }
    }

    const fn lean(means: [u8; 16]) -> [i8; 16] {
        let (mut sum, mut count, mut place) = (0i32, 0i32, 0);
        while place < 16 {
            if means[place] > 0 {
                sum += means[place] as i32;
                count += 1;
            }
            place += 2;
        }
        let mut leans = [0i8; 16];
        place = 0;
        while place < 16 && count > 0 {
            if means[place] > 0 {
                leans[place] = ((means[place] as i32 - sum / count) / 2) as i8;
            }
            place += 1;
        }
        leans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drummers_lean_on_the_beats_and_spare_the_sixteenths() {
        for feel in [Feel::ROCK, Feel::POP, Feel::HIP_HOP, Feel::SHUFFLE] {
            assert!(feel.low[0] > 0 && feel.low[0] > feel.low[3]);
            let odd: i32 = feel.time.iter().skip(1).step_by(2).map(|lean| i32::from(*lean)).sum();
            assert!(odd < 0 && feel.time[4] > feel.time[6], "{feel:?}");
        }
        assert!(Feel::SWING.time[4] > Feel::SWING.time[0]);
        assert_eq!(Feel::lean([0; 16]), [0; 16]);
    }
}
