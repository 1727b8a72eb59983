"""Map British and American spellings of English words to each other.

Uses a table of roots with their endings, and a few rules for spellings that cannot be listed (-ise, -ize).
The rules may produce non-words: `promise` also gives `promize`, which no index has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from kb.caches import word_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SPELLINGS = 4
"""Maximum number of other spellings of a word."""

_AFTER_OUR = (
    "s ed ing er ers able ably ful fully less ite ites itism hood hoods ly y ies ist ists al ally "
    "ize ized izes izing ization"
)

# British and American endings, the suffixes that may follow both, and the roots that have them.
_FAMILIES = (
    ("our/or", _AFTER_OUR, """
        arb ard arm behavi cand clam clang col demean endeav fav ferv flav glam harb hon hum lab neighb
        od parl ranc rig rum savi sav splend tum val vap vig
    """),
    ("re/er", "s", "calib cent fib goit lit lust lacklust meag met och sab saltpet scept somb spect theat"),
    ("red/ered", "", "cent"),
    ("ring/ering", "", "cent"),
    ("led/ed", "", """
        apparel barrel bevel cancel carol channel chisel counsel dial dishevel drivel duel enamel equal
        fuel funnel gambol gravel grovel imperil initial jewel kennel label level libel marvel medal
        metal model panel parcel pedal pencil pummel quarrel ravel refuel remodel revel rival shovel
        shrivel signal snivel spiral squirrel stencil swivel total towel travel trowel tunnel unravel
        victual yodel
    """),
    ("ling/ing", "", """
        cancel channel counsel dial duel equal fuel funnel grovel initial jewel label level libel marvel
        model panel parcel pedal quarrel refuel remodel revel rival shovel shrivel signal spiral stencil
        swivel total travel tunnel unravel
    """),
    ("ler/er", "s", "cancel counsel duel jewel label level model signal travel"),
    ("lor/or", "s", "council counsel"),
    ("lous/ous", "ly", "marvel libel"),
    ("lity/ity", "", "tranquil"),
    ("l/ll", "s ment ments", "enro fulfi insta disti insti enthra appa"),
    ("lful/llful", "ly", "ski wi"),
    ("ce/se", "s d less", "defen licen offen preten"),
    ("se/ce", "s d", "practi"),
    ("sing/cing", "", "practi"),
    ("ogue/og", "s", "anal catal demag dial epil monol pedag prol travel"),
    ("ogued/oged", "", "catal"),
    ("oguing/oging", "", "catal"),
    ("yse/yze", "s d r rs", "anal paral catal breathal electrol psychoanal"),
    ("ysing/yzing", "", "anal paral catal breathal electrol psychoanal"),
    ("ement/ment", "s al", "judg acknowledg abridg lodg"),
    ("eing/ing", "", "ag"),
    ("eable/able", "", "lik siz sal lov mov rat unshak"),
)  # fmt: skip

# Suffixes, and the words whose spellings they may follow.
_WORDS = (
    ("s", """
        programme/program gramme/gram snowplough/snowplow whisky/whiskey yoghurt/yogurt/yoghourt
        doughnut/donut pyjama/pajama mum/mom artefact/artifact pedlar/peddler tsar/czar woollen/woolen
        disc/disk kidnapper/kidnaper kidnapping/kidnaping worshipper/worshiper omelette/omelet
        mollusc/mollusk racquet/racket aeroplane/airplane adaptor/adapter advisor/adviser
        protester/protestor titbit/tidbit muslim/moslem manoeuvre/maneuver encyclopaedia/encyclopedia
        instalment/installment dyke/dike barbecue/barbeque centrepiece/centerpiece
    """),
    ("s ed ing er ish scale hound hounds", "grey/gray"),
    ("s book books", "cheque/check"),
    ("s d", "tyre/tire moustache/mustache"),
    ("s ed ing side", "kerb/curb"),
    ("", """
        aluminium/aluminum jewellery/jewelry whiskies/whiskeys mummy/mommy mummies/mommies maths/math
        axe/ax cosy/cozy cosier/cozier cosiest/coziest furore/furor woolly/wooly phoney/phony
        speciality/specialty specialities/specialties towards/toward afterwards/afterward learnt/learned
        burnt/burned dreamt/dreamed spelt/spelled misspelt/misspelled spoilt/spoiled leapt/leaped
        enquiring/inquiring enquiry/inquiry enquiries/inquiries kidnapped/kidnaped worshipped/worshiped
        worshipping/worshiping focussed/focused focussing/focusing benefitted/benefited
        targetted/targeted biassed/biased chilli/chili chillies/chilies liquorice/licorice
        okay/ok whizz/whiz quran/koran manoeuvred/maneuvered manoeuvring/maneuvering
        manoeuvrable/maneuverable mediaeval/medieval hippy/hippie lasagne/lasagna fibreglass/fiberglass
        gelatine/gelatin hummus/humus sulphate/sulfate
    """),
    ("s al ally ism", "sceptic/skeptic"),
    ("s ed ing y", "mould/mold"),
    ("s ed ing", "moult/molt smoulder/smolder plough/plow cypher/cipher"),
    ("s ed ing er ers", "gaol/jail"),
    ("d s r rs", "enquire/inquire"),
    ("hole holes", "arse/ass"),
    ("ic ous", "sulphur/sulfur"),
    ("s ally", "aesthetic/esthetic"),
    ("d r rs s", "tranquillise/tranquilize/tranquillize"),
    ("d s", "crystallise/crystalize/crystallize"),
)  # fmt: skip

# Greek and Latin beginnings of words; any ending may follow.
_BEGINNINGS = """
    anaem/anem anaesth/anesth archaeo/archeo caesar/cesar coeliac/celiac diarrhoea/diarrhea faec/fec foet/fet
    gynaec/gynec haem/hem homoeo/homeo leukaem/leukem oedema/edema oesoph/esoph oestr/estr orthopaed/orthoped
    paed/ped palaeo/paleo septicaem/septicem toxaem/toxem
"""

_PREFIXES = tuple(
    "amphi anti bi centi de dis kilo micro milli mis multi non over pre re self tri un under".split()
)

_ENDING_IN_ISE = re.compile(r"(.{3,}i)([sz])(e|ed|es|er|ers|ing|ingly|able|ation|ations|ational)")


@word_cache(10_000)
def spellings(word: str) -> tuple[str, ...]:
    """The other spellings of a normalized English word: usually none, and at most MAX_SPELLINGS.

    The relation is symmetric.
    """
    found = [word]
    for spelling in found:  # grows while iterating: `colourise` has `colorise`, which has `colorize`
        found.extend(sorted(_neighbors(spelling).difference(found)))
    return tuple(found[1 : MAX_SPELLINGS + 1])


def _neighbors(word: str) -> set[str]:
    """The spellings that differ from a word in one place."""
    words = table()
    found = set(words.get(word, ()))
    if word.startswith(_PREFIXES):
        for prefix in filter(word.startswith, _PREFIXES):
            found.update(prefix + other for other in words.get(word[len(prefix) :], ()))
    beginnings, pairs = _beginnings()
    if word.startswith(beginnings):
        found.update(other + word[len(one) :] for one, other in pairs if word.startswith(one))
    if match := _ENDING_IN_ISE.fullmatch(word):
        stem, letter, ending = match.groups()
        found.add(f"{stem}{'z' if letter == 's' else 's'}{ending}")
    return found


@cache
def table() -> dict[str, set[str]]:
    """Map each word of the table to its other spellings."""
    words: dict[str, set[str]] = defaultdict(set)
    for group in _groups():
        for spelling in group:
            words[spelling].update(other for other in group if other != spelling)
    return dict(words)


def _groups() -> Iterator[list[str]]:
    """Yield the groups of words in the table that are spellings of each other."""
    for endings, more, roots in _FAMILIES:
        for root in roots.split():
            for suffix in ("", *more.split()):
                yield [root + ending + suffix for ending in endings.split("/")]
    for more, words in _WORDS:
        for word in words.split():
            for suffix in ("", *more.split()):
                yield [spelling + suffix for spelling in word.split("/")]


@cache
def _beginnings() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """All beginnings, and their (spelling, other spelling) pairs in both directions."""
    listed = [pair.split("/") for pair in _BEGINNINGS.split()]
    pairs = tuple((one, other) for pair in listed for one, other in (pair, pair[::-1]))
    return tuple(one for one, _ in pairs), pairs
