"""The built VST3 in third-party hosts: `vst3_hosts.py CHECK BUNDLE`.

DawDreamer has a transport and a tempo and renders offline; pedalboard is a host of the simple kind, without either.
Each check ends with an assertion that failed or with one line of what was measured.
"""

import functools
import sys
import tempfile
from pathlib import Path

import numpy as np

import beats
from preset import with_scene

RATE = 48_000
BLOCK = 512
# Beats that are easy to hear: a kick on every quarter note, as the teacher writes it, and no swing.
SCENE = "techno"
# Shares of the parameter "Composer".
TEACHER, AUTO = 0.0, 1.0
# The class with one stereo output; both hosts take a plugin's first class if they are not told.
STEREO = "Sceneloop"
# Shares of the parameter "Form": sections, between which beats are left out on purpose, or the same kind of loop for ever.
SECTIONS, PLAIN = 0.0, 1.0


def parameter(plugin, name: str) -> int:
    """The index of a parameter of a DawDreamer plugin."""
    for description in plugin.get_parameters_description():
        if description["name"] == name:
            return description["index"]
    raise AssertionError(f"no parameter {name}")


def set_parameter(plugin, name: str, value: float) -> None:
    """Sets a parameter of a DawDreamer plugin by name to a share of its range."""
    plugin.set_parameter(parameter(plugin, name), value)


@functools.cache
def scene_preset(bundle: str) -> bytes:
    """A preset with the scene that all checks play, made from the one that pedalboard gets from a new instance."""
    import pedalboard

    plugin = pedalboard.load_plugin(bundle, plugin_name=STEREO)
    return with_scene(plugin.preset_data, SCENE)


def dawdreamer(
    bundle: str,
    bpm: float,
    bars: int,
    block: int = BLOCK,
    energy: float = 0.7,
    composer: float = TEACHER,
    form: float = SECTIONS,
    automation: dict[str, np.ndarray] | None = None,
) -> np.ndarray:
    """What DawDreamer renders in so many bars of 4/4: channels, frames. Automation has a value for each frame."""
    import dawdreamer as daw

    engine = daw.RenderEngine(RATE, block)
    plugin = engine.make_plugin_processor("sceneloop", bundle)
    assert plugin.get_num_output_channels() >= 2, "no stereo output"
    with tempfile.TemporaryDirectory() as folder:
        preset = Path(folder) / "scene.vstpreset"
        preset.write_bytes(scene_preset(bundle))
        assert plugin.load_vst3_preset(str(preset)), "the preset was refused"
    set_parameter(plugin, "Composer", composer)
    set_parameter(plugin, "Form", form)
    set_parameter(plugin, "Energy", energy)
    set_parameter(plugin, "Humanise", 0.0)
    for name, values in (automation or {}).items():
        assert plugin.set_automation(parameter(plugin, name), values), f"no automation of {name}"
    engine.set_bpm(bpm)
    engine.load_graph([(plugin, [])])
    engine.render(bars * 4 * 60.0 / bpm)
    return np.array(engine.get_audio(), dtype=np.float64)


def assert_music(audio: np.ndarray) -> None:
    assert np.isfinite(audio).all(), "not every sample is a number"
    level = np.sqrt((audio[:2] ** 2).mean())
    assert level > 0.01, f"silence ({level})"
    assert np.abs(audio[:2]).max() < 1.0, "clipping"


def beats_follow_the_tempo(bundle: str) -> str:
    found = []
    for bpm in (90.0, 128.0, 174.0):
        audio = dawdreamer(bundle, bpm, 16, form=PLAIN)
        assert_music(audio)
        strength = beats.onset_strength(audio[:2])
        onsets = beats.onsets(strength, RATE)
        measured = beats.tempo(onsets, bpm)
        assert abs(measured / bpm - 1.0) < 0.003, f"{measured} BPM where {bpm} were asked for"
        share, late = beats.on_beats(onsets, bpm, 64, 0.02)
        assert share >= 0.9, f"{bpm} BPM: only {share:.0%} of the beats have an onset"
        assert abs(late) < 0.01, f"{bpm} BPM: onsets are {late * 1000:.1f} ms off the beats"
        found.append(f"{bpm:g} -> {measured:.2f} BPM, {share:.0%} of beats, {late * 1000:+.1f} ms")
    return "; ".join(found)


def two_renders_are_identical(bundle: str) -> str:
    one, two = (dawdreamer(bundle, 128.0, 16, composer=AUTO) for _ in range(2))
    assert_music(one)
    assert one.shape == two.shape
    different = np.flatnonzero((one != two).any(axis=0))
    assert different.size == 0, f"{different.size} frames differ, from {different[0]} on"
    return f"{one.shape[1]} frames, bit for bit"


def block_size_is_not_heard(bundle: str) -> str:
    one, two = dawdreamer(bundle, 100.0, 4, block=64), dawdreamer(bundle, 100.0, 4, block=2048)
    assert_music(one)
    length = min(one.shape[1], two.shape[1])
    assert np.array_equal(one[:, :length], two[:, :length]), "blocks of 64 and of 2048 frames sound different"
    return f"{length} frames, bit for bit"


def automation_is_the_same_in_any_blocks(bundle: str) -> str:
    """Three times each. The host reads automation at the first frame of each block only, so that it must step where
    blocks of all sizes begin: those of 441 frames have such places in common with short ones only."""
    bars, bpm = 2, 120.0
    frames = int(bars * 4 * 60.0 / bpm * RATE)
    found = []
    for step, sizes in ((8192, (1, 64, 1024, 8192)), (441 * 64, (1, 64, 441))):
        automation = {}
        for number, name in enumerate(("Energy", "Bass Level", "Tone")):
            steps = np.random.default_rng(number).uniform(0.2, 1.0, frames // step + 1)
            automation[name] = np.repeat(steps, step).astype(np.float32)
        first = dawdreamer(bundle, bpm, bars, automation=automation, block=sizes[-1])
        still = dawdreamer(bundle, bpm, bars, block=sizes[-1])
        assert_music(first)
        assert not np.array_equal(first, still), "the automation is not heard"
        for block in sizes:
            for time in range(3):
                audio = dawdreamer(bundle, bpm, bars, automation=automation, block=block)
                length = min(first.shape[1], audio.shape[1])
                different = np.flatnonzero((audio[:, :length] != first[:, :length]).any(axis=0))
                assert different.size == 0, f"blocks of {block}, render {time}: from frame {different[0]} on"
        found.append(f"{sizes}: {frames} frames, bit for bit")
    return "; ".join(found)


def energy_is_heard(bundle: str) -> str:
    quiet, loud = (dawdreamer(bundle, 128.0, 8, energy=energy) for energy in (0.1, 1.0))
    assert_music(loud)
    ratio = np.sqrt((loud[:2] ** 2).mean() / max((quiet[:2] ** 2).mean(), 1e-12))
    assert ratio > 1.3, f"full energy is only {ratio:.2f} times as loud as a tenth of it"
    return f"full energy is {20 * np.log10(ratio):.1f} dB louder than a tenth of it"


def the_simple_host_hears_it(bundle: str) -> str:
    import pedalboard

    plugin = pedalboard.load_plugin(bundle, plugin_name=STEREO)
    assert plugin.is_instrument
    plugin.preset_data = scene_preset(bundle)
    # This host has no transport, so that the music has to start by itself.
    plugin.parameters["play"].raw_value = 1.0
    audio = plugin([], duration=8.0, sample_rate=float(RATE), num_channels=2, buffer_size=BLOCK)
    assert_music(audio)
    strength = beats.onset_strength(audio)
    measured = beats.tempo(beats.onsets(strength, RATE), 120.0)
    assert abs(measured / 120.0 - 1.0) < 0.005, f"{measured} BPM from a host without a tempo"
    return f"{measured:.2f} BPM from a host without a tempo"


CHECKS = {
    check.__name__: check
    for check in (
        beats_follow_the_tempo,
        two_renders_are_identical,
        block_size_is_not_heard,
        automation_is_the_same_in_any_blocks,
        energy_is_heard,
        the_simple_host_hears_it,
    )
}

if __name__ == "__main__":
    print(CHECKS[sys.argv[1]](sys.argv[2]))
