"""The scene in a `.vstpreset` file, the VST3 form of a saved state.

The file: "VST3", version, class id as 32 characters, offset of a list; then the chunks; then the list of the chunks'
names, offsets and lengths. The chunk "Comp" is what the plugin saved: JSON compressed with Zstandard, and in it the
engine's state, which is JSON in a string.
"""

import json
import struct

import zstandard

HEADER = struct.Struct("<4si32sq")
ENTRY = struct.Struct("<4sqq")


def with_scene(preset: bytes, scene: str) -> bytes:
    """The same preset with another scene, and without the loops that were playing."""
    magic, version, class_id, offset = HEADER.unpack_from(preset)
    assert (magic, version) == (b"VST3", 1), "not a preset"
    tag, count = struct.unpack_from("<4si", preset, offset)
    assert tag == b"List", "a preset without chunks"
    entries = [ENTRY.unpack_from(preset, offset + 8 + ENTRY.size * index) for index in range(count)]
    chunks = {name: preset[start : start + length] for name, start, length in entries}

    content = json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(chunks[b"Comp"]))
    engine = json.loads(content["fields"]["engine"])
    engine["scene"], engine["loops"] = scene, []
    content["fields"]["engine"] = json.dumps(engine)
    chunks[b"Comp"] = json.dumps(content).encode()  # which is read as well

    body, listed, at = b"", b"", HEADER.size
    for name, chunk in chunks.items():
        listed += ENTRY.pack(name, at, len(chunk))
        body, at = body + chunk, at + len(chunk)
    return HEADER.pack(magic, version, class_id, at) + body + struct.pack("<4si", b"List", count) + listed
