"""The judge judged: `python -m unittest judge.selftest`, on sound of which the truth is known."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import soundfile

from . import clicks, demand, loudness, pieces, pitch, tempo, timbre

RATE = pieces.RATE


def beats(bpm: float, seconds: float = 30.0, rate: int = RATE, seed: int = 1) -> np.ndarray:
    """Bursts of noise on the beats, each second one louder, soft ones between."""
    noise = np.random.default_rng(seed)
    audio = np.zeros(int(seconds * rate), np.float32)
    burst = np.exp(-np.arange(int(0.05 * rate)) / (0.01 * rate))
    for number, start in enumerate(np.arange(0.0, seconds - 0.1, 30.0 / bpm)):
        at, gain = int(start * rate), (0.6, 0.1, 0.4, 0.1)[number % 4]
        audio[at : at + len(burst)] += (gain * burst * noise.standard_normal(len(burst))).astype(np.float32)
    return audio


def tones(keys: list[int], seconds: float = 0.5, rate: int = RATE, partials: int = 8) -> np.ndarray:
    """Tones one after another, each with partials that fall with their number."""
    time = np.arange(int(seconds * rate)) / rate
    shape = np.minimum(1.0, 50.0 * time) * np.minimum(1.0, 50.0 * (seconds - time))

    def tone(key: int) -> np.ndarray:
        hz = 440.0 * 2 ** ((key - 69) / 12)
        parts = [np.sin(2 * np.pi * hz * n * time) / n for n in range(1, partials + 1) if hz * n < rate / 2.2]
        return 0.2 * shape * np.sum(parts, axis=0)

    return np.concatenate([tone(key) for key in keys]).astype(np.float32)


class Tempo(unittest.TestCase):
    def test_each_tracker_finds_it_or_its_half_or_double(self):
        for bpm in (72.0, 97.0, 120.0, 143.0, 174.0):
            audio = beats(bpm)
            for tracker in (tempo.by_product, tempo.by_librosa, tempo.by_aubio):
                found = tracker(audio, RATE)
                self.assertTrue(tempo.is_found(found, bpm), f"{tracker.__name__}: {found} for {bpm}")

    def test_a_tempo_beside_is_not_found_and_nothing_has_none(self):
        self.assertFalse(tempo.is_found(123.0, 120.0))
        self.assertFalse(tempo.is_found(160.0, 120.0))
        self.assertTrue(tempo.is_found(80.0, 120.0, is_compound=True))
        self.assertTrue(tempo.is_compound("6/8") and not tempo.is_compound("7/8") and not tempo.is_compound("3/8"))
        silence = np.zeros(10 * RATE, np.float32)
        self.assertEqual(tempo.by_librosa(silence, RATE), 0.0)
        self.assertEqual(tempo.by_product(silence, RATE), 0.0)
        self.assertEqual(tempo.by_aubio(silence, RATE), 0.0)


class Pitch(unittest.TestCase):
    SCALE = [0, 2, 3, 5, 7, 8, 10]

    def share(self, road: str, audio: np.ndarray) -> float:
        heard = pitch.by_network(audio) if road == "network" else pitch.by_spectrum(audio, RATE)
        return pitch.share_of(heard, self.SCALE)

    def test_a_scale_lies_in_itself_although_its_partials_do_not(self):
        keys = [48, 50, 51, 53, 55, 56, 58, 60, 62, 63, 65, 67]
        for road in ("network", "spectrum"):
            self.assertGreater(self.share(road, tones(keys)), 0.97, road)

    def test_a_wrong_note_in_four_is_heard_as_much(self):
        for road in ("network", "spectrum"):
            self.assertAlmostEqual(self.share(road, tones([60, 63, 67, 66] * 6)), 0.75, delta=0.08, msg=road)

    def test_blows_beside_the_tones_do_no_harm(self):
        audio = tones([60, 62, 63, 65, 67, 68, 70, 72] * 3)
        noisy = audio + 0.5 * beats(120.0, len(audio) / RATE + 1.0)[: len(audio)]
        for road in ("network", "spectrum"):
            self.assertGreater(self.share(road, noisy), 0.93, road)

    def test_another_tuning_is_heard_by_the_spectrum(self):
        audio = tones([60, 62, 63, 65, 67, 68, 70, 72])
        detuned = np.interp(np.arange(0, len(audio), 2 ** (0.3 / 12)), np.arange(len(audio)), audio)
        self.assertGreater(self.share("spectrum", detuned.astype(np.float32)), 0.93)

    def test_silence_has_no_pitch(self):
        silence = np.zeros(5 * RATE, np.float32)
        self.assertFalse(pitch.by_spectrum(silence, RATE).any() or pitch.by_network(silence).any())


class Clicks(unittest.TestCase):
    def setUp(self):
        self.rate = 48_000
        tonal = tones([48, 55, 60, 63] * 8, 0.25, self.rate)
        self.audio = tonal + 0.5 * beats(120.0, len(tonal) / self.rate, self.rate)[: len(tonal)]
        self.onsets = list(range(0, len(self.audio), self.rate // 4))
        self.seams = [2 * self.rate, 4 * self.rate, 6 * self.rate + self.rate // 8]

    def find(self, audio: np.ndarray) -> dict:
        return clicks.find(audio, self.rate, self.seams, self.onsets)

    def test_drums_and_tones_that_begin_at_a_seam_are_no_clicks(self):
        found = self.find(self.audio)
        self.assertEqual((found["clicks"], found["seams"]), ([], 3))

    def test_a_planted_sample_and_a_planted_step_are_found(self):
        sample = self.audio.copy()
        sample[self.seams[2] + 20] += 0.1
        step = self.audio.copy()
        step[self.seams[2] :] += 0.05
        for planted in (sample, step):
            found = self.find(planted)["clicks"]
            self.assertEqual([round(click["seconds"], 2) for click in found], [6.12])

    def test_a_cut_into_another_phase_is_found(self):
        time = np.arange(10 * self.rate) / self.rate
        wave = 0.3 * np.sin(2 * np.pi * 220.0 * time)
        wave[self.seams[2] :] = 0.3 * np.sin(2 * np.pi * 220.0 * time[self.seams[2] :] + 2.0)
        self.assertEqual(len(self.find(wave.astype(np.float32))["clicks"]), 1)


class Loudness(unittest.TestCase):
    def setUp(self):
        self.rate = 48_000
        time = np.arange(5 * self.rate) / self.rate
        self.tone = (0.1 * np.sin(2 * np.pi * 997.0 * time)).astype(np.float32)

    def test_a_tone_is_as_loud_as_the_standard_says(self):
        # ITU-R BS.1770: 0 dBFS of 997 Hz in one channel is -3.01 LUFS, in both 0.
        both = np.stack([self.tone, self.tone])
        self.assertAlmostEqual(loudness.integrated(both, self.rate), -20.0, delta=0.1)
        self.assertAlmostEqual(loudness.true_peak(both), -20.0, delta=0.05)
        self.assertAlmostEqual(loudness.centroid(both, self.rate), 997.0, delta=15.0)

    def test_sides_that_cancel_are_lost_in_mono(self):
        self.assertAlmostEqual(loudness.mono_loss(np.stack([self.tone, self.tone]), self.rate), 0.0, delta=0.01)
        nearly = np.stack([self.tone, -0.9 * self.tone])
        self.assertGreater(loudness.mono_loss(nearly, self.rate), 20.0)


class Families(unittest.TestCase):
    def test_what_differs_is_told_apart_and_what_does_not_is_not(self):
        noise = np.random.default_rng(3)
        families = np.repeat([f"family {n}" for n in range(8)], 6)
        folds = np.tile(np.arange(6), 8)
        centres = np.repeat(noise.standard_normal((8, 20)), 6, axis=0)
        rows = noise.standard_normal((48, 20))
        self.assertGreater((timbre.leave_one_out(rows * 0.2 + centres, families, folds) == families).mean(), 0.95)
        self.assertLess((timbre.leave_one_out(rows, families, folds) == families).mean(), 0.45)

    def test_a_transposition_moves_the_features_little(self):
        one, other = (timbre.features(tones([60 + by, 64 + by, 67 + by, 72 + by] * 6), RATE) for by in (0, 5))
        noise = timbre.features(beats(120.0, 12.0), RATE)
        self.assertLess(np.linalg.norm(one - other), 0.5 * np.linalg.norm(one - noise))


class Lines(unittest.TestCase):
    """The lines of the demand from records made up for it."""

    def piece(self, energy: float, **mix) -> pieces.Piece:
        measured = {"loudness_lufs": -16.0, "mono_lufs": -16.5, "true_peak_dbtp": -1.2, "centroid_hz": 2000.0} | mix
        record = {
            "name": f"a-{energy}", "asked": "a", "style": "techno", "frames": 48_000 * 30, "sample_rate": 48_000, "key": "C minor",
            "wish": {"energy": energy, "bpm": 120.0, "metre": "4/4", "seed": 1}, "mix": measured, "stem_residual_db": -120.0,
            "roles": {"drums": {"patch": "kit-909", "notes": 100}}, "scale": [0, 2, 3, 5, 7, 8, 10], "chords": [], "notes": [[1, 0, 10, 48, 100]],
        }
        return pieces.Piece(Path(), record)

    def met(self, lines: list) -> dict[str, bool]:
        return {line.id: line.is_met for line in lines}

    def test_a_ladder_that_rises_is_met_and_one_that_falls_is_not(self):
        energies = range(0, 101, 10)
        rising = [self.piece(energy, loudness_lufs=-30 + energy / 10, centroid_hz=1000 + energy) for energy in energies]
        self.assertEqual(self.met(demand.ladder(rising)), {"rises-loudness": True, "rises-centroid": True})
        falling = [self.piece(energy, loudness_lufs=-20 - energy / 10, centroid_hz=1000 + energy % 20) for energy in energies]
        self.assertEqual(self.met(demand.ladder(falling)), {"rises-loudness": False, "rises-centroid": False})

    def test_levels_out_of_bounds_fall_short(self):
        good = {"true-peak": True, "loudness": True, "mono": True, "stems": True}
        self.assertEqual(self.met(demand.levels([self.piece(70.0)])), good)
        for name, mix in (
            ("true-peak", {"true_peak_dbtp": -0.9}),
            ("loudness", {"loudness_lufs": -17.6, "mono_lufs": -18.0}),
            ("mono", {"mono_lufs": -19.1}),
        ):
            self.assertEqual(self.met(demand.levels([self.piece(70.0, **mix)])), good | {name: False})

    def test_tempo_and_pitch_are_counted(self):
        show = [self.piece(80.0) for _ in range(20)]
        inside, outside = [0.5, 0, 0, 0.5] + [0] * 8, [0.8, 0.2] + [0] * 10
        heard = [{"tempo": {"product": 60.5, "librosa": 60.5, "aubio": 90.0}, "pitch": {"network": inside, "spectrum": inside}}] * 20
        self.assertEqual(self.met(demand.beats(show, heard)), {"tempo-product": True, "tempo-librosa-beside": True, "tempo-aubio-beside": False})
        self.assertEqual(self.met(demand.pitches(show, heard)), {"pitch-network": True, "pitch-spectrum-beside": True})
        wrong = [{"tempo": {"product": 80.0, "librosa": 80.0, "aubio": 90.0}, "pitch": {"network": outside, "spectrum": outside}}] * 20
        self.assertFalse(any(self.met(demand.beats(show, wrong) + demand.pitches(show, wrong)).values()))

    def test_hours_are_held_to_five_minutes(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(demand.sameness(Path(folder)), [])
            for name, seconds in (("01", None), ("02", 301.0), ("03", 299.0)):
                hour = {"scene": name, "nearest_repeat_seconds": seconds, "mean_likeness": 0.5}
                (Path(folder) / name).mkdir()
                (Path(folder) / name / "sameness.json").write_text(json.dumps(hour))
                self.assertEqual(self.met(demand.sameness(Path(folder))), {"sameness": name != "03"})


class Files(unittest.TestCase):
    def test_sound_is_read_as_it_was_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.wav"
            sound = np.random.default_rng(5).uniform(-0.5, 0.5, (4800, 2))
            soundfile.write(path, sound, 48_000, subtype="PCM_24")
            read, rate = pieces.stereo(path)
            self.assertEqual(rate, 48_000)
            np.testing.assert_allclose(read.T, sound, atol=1e-6)
            self.assertEqual(pieces.load(Path(folder)), [])


if __name__ == "__main__":
    unittest.main()
