"""The sounds that all scripts are mapped to, and the distances between them.

A sound is one character: `b d f g h k l m n p r s t v w y z` as in English, `x` as in loch, `S` as in ship,
`Z` as in vision; the vowels `a e i o u`, and `E` for the vowels in "day" and "my". "Chip" begins with two
sounds: `t`, `S`.
"""

from __future__ import annotations

VOWELS = frozenset("aeiouE")

CLASSES = {
    **dict.fromkeys("bvpfw", "P"),
    **dict.fromkeys("dt", "T"),
    **dict.fromkeys("gkx", "K"),
    **dict.fromkeys("szSZ", "S"),
    **{letter: letter.upper() for letter in "lrmn"},
}
"""The class of a consonant in a skeleton. Vowels, `h` and `y` have none: scripts often add or drop them."""

MAX_DISTANCE = 1.0
"""The distance of sounds that have nothing in common."""

_SIMILAR = (
    "vw.05 bv.25 fv.3 pf.3 bp.5 dt.4 gk.4 kx.25 hx.15 gx.5 hk.6 gh.6 sz.15 sS.35 zZ.35 SZ.25 zS.5 Zy.35 Zg.5 "
    "mn.6 lr.8 uw.2 uv.4 ow.4 ov.5 iy.1 Ey.2 "
    "ae.15 ao.25 ei.25 ou.05 au.4 iu.5 eo.35 ai.4 oi.5 eu.4 Ei.15 Ea.2 Ee.15 Eo.45 Eu.5"
)
_DISTANCES = {frozenset(entry[:2]): float(entry[2:]) for entry in _SIMILAR.split()}


def distance(one: str, other: str) -> float:
    """How different two sounds are, from 0 to MAX_DISTANCE."""
    return 0.0 if one == other else _DISTANCES.get(frozenset((one, other)), MAX_DISTANCE)
