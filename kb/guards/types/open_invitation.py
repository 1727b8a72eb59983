"""The type `open-invitation`: posts that ask the public for its own photos, stories, questions or names.

Anything the public sends appears next to the brand's name or tag, and nobody can take it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.clean_text import Span
from kb.guards.invitations import invitation_forms
from kb.guards.matcher import Match
from kb.guards.phrase_lists import PhraseList, overlaps_any
from kb.guards.sentences.model import shipped_model
from kb.search.phrase_table import entry_of
from kb.search.words import split_at_capitals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.invitations import Request
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable

_OWN_ANSWERS = re.compile(
    r"\blinks? (?:is |are )?in (?:the |our )?(?:(?:first|pinned|top) )?comments?\b"
    r"|\b(?:answers?|solutions?|results?) (?:(?:is|are|comes?|follows?) )?in "
    r"(?:tomorrow['’]s|tonight['’]s|(?:the|our) next|next week['’]s|friday['’]s|monday['’]s) (?:\w+ )?"
    r"(?:post|story|issue|newsletter|email)\b[^.!?\n]*"
    r"|\bno spoilers[^.!?\n]*"
    r"|(?<!\w)[בהו]?(?:לינק|קישור|פתרון|תשובה)(?:ים)? (?:נמצא |מחכה )?"
    r"ב(?:תגובה|תגובות)(?: הראשונה| הנעוצה)?(?!\w)"
    r"|(?<!\w)ה?(?:פתרון|תשובה|תשובות) (?:[ית]?פורסמ?ו? )?(?:מחר|בפוסט הבא|בסטורי מחר)(?!\w)[^.!?\n]*",
    re.IGNORECASE,
)
"""Says where the team's own link or answer is, or asks others not to answer."""

_CLOSED = re.compile(
    r"\b(?:pick|choose|choosing|decide|picked|chosen) between [^.!?\n]{2,60} (?:and|or) "
    r"|\b(?:have|has|['’]ve|we|team|crew|staff|keepers|jury) (?:already )?"
    r"(?:picked|shortlisted|chosen|drawn up) "
    r"(?:these |the |a shortlist of )?(?:two|three|four|five|six|finalists|names)\b"
    r"|(?<!\w)(?:בחרו|בחרנו|בחר|בחרה) (?:את |ב)?(?:(?:שני|שתי|שלושת?|שלוש|ארבעת?|ארבע|חמשת?|חמש) "
    r"ה?(?:שמות|אפשרויות|הצעות|טעמים|מועמדים|מתמודדים))(?!\w)"
    r"|\b(?:draw|paint|colou?r)\b[^!?]{0,80}\b(?:hand|give|bring|take) (?:it|them) (?:in|to|over)\b"
    r"|(?<!\w)ל?(?:ציירו|צייר)(?!\w)[^!?]{0,80}(?<!\w)"
    r"(?:ו?מסרו|ו?להביא|ו?הביאו|ו?למסור) (?:את ה?\w+ |אותו |אותם )?[לב]\w+",
    re.IGNORECASE,
)
"""A choice among options that the team lists, and drawings that are handed in: nothing is published
unreviewed."""

_POLL = re.compile(
    r"\b(?:votes?|voting|polls?|pick|choose|survey|(?:comment|reply|answer) with (?:one|a|the|your) "
    r"(?:letter|number))\b|(?<!\w)[בה]?(?:סקר|הצביעו|תצביעו|הצבעה|בחרו|תבחרו)(?!\w)",
    re.IGNORECASE,
)
_OPTION = (
    r"(?!(?:pick|choose|send|post|write|comment|upload|tag|share|follow|take|like|reply|snap|film|name|tell|"
    r"בחרו|שלחו|כתבו|העלו|תייגו|שתפו|צלמו|עקבו|הגיבו|ספרו|סרקו)\b)"
)
_OPTIONS = re.compile(
    rf"\n *(?:[1aא][.)׳']|1️⃣|🅰️) ?{_OPTION}[^\n]{{1,60}}"
    rf"\n+ *(?:[2bב][.)׳']|2️⃣|🅱️) ?{_OPTION}"
    rf"|(?<![\w.])1[.)] ?{_OPTION}[^\n\d?!]{{2,25}}[ ,.;]2[.)] ?{_OPTION}[^\n\d?!]{{2,25}}",
    re.IGNORECASE,
)
"""Options that the team lists, one of which the public picks in a `_POLL`; not steps to take part."""

_OPEN_POLL = re.compile(
    r"_{2,}|\b(?:your own|any (?:name|idea|word)s?|anything|whatever|name our|name the|finish the|"
    r"complete the|write|suggest|caption|photos?|pictures?|stor(?:y|ies)|jokes?|tag us)\b"
    r"|(?<!\w)(?:משלכם|משלכן|כתבו|תכתבו|השלימו|תשלימו|המשיכו|הציעו|תציעו|המציאו|שלחו|צלמו)(?!\w)"
    r"|(?<!\w)(?:תמונות|סיפורים)(?!\w)",
    re.IGNORECASE,
)
"""What the public is asked for beside the options of a poll, or in place of them."""

_REVIEWED = re.compile(
    r"\b(?:photos|pictures|entries|submissions|stories|drawings|videos|comments) (?:are|will be) "
    r"(?:(?!not |never )\w+ )?(?:reviewed|moderated|approved|screened)\b"
    r"[^.!?\n]{0,40}\bbefore (?:we|they|it|anything) "
    r"(?:publish|post|print|appear|go up|goes up|is published|are published)\b"
    r"|\b(?:each|every|all) (?:of )?(?:the |your )?(?:photos?|pictures?|entry|entries|submissions?|"
    r"stor(?:y|ies)|drawings?|videos?|messages?|posts?) (?:is|are|will be|gets?) "
    r"(?:(?!not |never )\w+ ){0,3}?"
    r"(?:reviewed|checked|moderated|approved|screened|read)\b[^.!?\n]{0,40}\bbefore\b"
    r"|(?<!\w)(?:כל |ה)(?:תמונה|תמונות|סיפור|סיפורים|ציור|ציורים|סרטון|סרטונים|יצירה|יצירות|הודעה|הודעות) "
    r"(?:[א-ת]+ )?(?:נבדקת?|נבדקים|נבדקות|ת?ייבדקו?|תיבדק|יעבור|תעבור|עוברת?|עוברים|עוברות|תאושר|יאושרו?)"
    r"(?!\w)[^.!?\n]{0,40} לפני (?:ה?פרסום|ש)",
    re.IGNORECASE,
)
"""A promise that what the public sends is reviewed before others see it."""

_HELPLINE = re.compile(
    r"\b(?:helplines?|crisis lines?|samaritans|116 ?123|(?:call|text|dial) 988)\b"
    r"|(?<!\w)ב?(?:ער[\"״]ן|קו ה?(?:סיוע|חירום|קשב))(?!\w)",
    re.IGNORECASE,
)
"""Helplines. A text that names one is not asking for stories."""

_RIDDLE = re.compile(
    r"\b(?:why (?:did|do|does|was|were|is|are|can|could|would)(?:n['’]t)? (?!you\b|we\b|your\b)"
    r"|what do you (?:call|get)\b)[^.!?\n]{3,80}\?+\s*"
    r"(?:to|because|['’]?cause|so|he|she|it|they|a|an|the)\b[^.!?\n]*"
    r"|(?<!\w)(?:למה|מדוע) (?!אתם|אתן|את\b|אתה|אנחנו)[^.!?\n]{3,80}\?+\s*(?:כי|כדי|מפני|בגלל)(?!\w)[^.!?\n]*",
    re.IGNORECASE,
)
"""A joke that asks and answers itself."""

_TOLD = (
    (_OWN_ANSWERS, ("link", "answer", "solution", "result", "spoiler", "תגוב", "פתרון", "תשוב")),
    (_RIDDLE, ("why ", "what do you", "למה", "מדוע")),
)
"""What the team itself answers, with words of which each match contains one."""

_TAG = "tag"
_PRIZE = "prize"
_FORM = "form"
_WORDING = "wording"


def parse_open_invitation(parameters: Parameters, concepts: ConceptTable) -> OpenInvitationMatcher:
    """Read the parameters of a guard on open invitations. Raises GuardError.

    - `require`: what must be near the request: a `tag` (a hashtag or handle) or a `prize` (something to win,
      or the promise of being featured). Any one of those listed is enough; the default is both. With an empty
      list, the request is enough. A naming contest, and questions to a person, need neither.
      A narrow question for the comments, `Tea or coffee? Tell us below`, needs a tag or a prize to count.
    - `kind`: `form` (the default) finds requests of a known form; `wording` finds text that reads like a
      request to a model, if no form matches.
    - `concepts`, `industries`: if given, the draft or the name of its organization or account must touch one
      of the concepts by clear words, or its industry must be listed.
    - `except`: phrases in which nothing is found; `unless`: phrases that suppress all findings in a draft,
      such as those of a museum that collects memories.
    """
    return OpenInvitationMatcher(
        kind=parameters.choice("kind", (_FORM, _WORDING), _FORM),
        required=frozenset(parameters.choices("require", (_TAG, _PRIZE), (_TAG, _PRIZE))),
        concepts=frozenset(parameters.choices("concepts", concepts.concepts.keys())),
        industries=frozenset(parameters.texts("industries")),
        exceptions=PhraseList(parameters.texts("except")),
        unless=PhraseList(parameters.texts("unless"), "unless"),
    )


@dataclass(frozen=True, slots=True)
class OpenInvitationMatcher:
    """Finds where a draft asks the public for its own content."""

    kind: str
    required: frozenset[str]
    concepts: frozenset[str]
    industries: frozenset[str]
    exceptions: PhraseList
    unless: PhraseList

    @property
    def reads_sentences(self) -> bool:
        """Whether the matcher must read every text (it has no cheap prefilter)."""
        return self.kind == _WORDING

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The requests, merged into one match per sentence."""
        requests = [request for request in draft.requests if self._is_open(request)]
        if bool(requests) and draft.once(_is_reviewed):
            # Not what appears under a tag: nobody reviews that.
            requests = [request for request in requests if request.has_tag]
        spans = _joined(requests) if self.kind == _FORM else [] if requests else draft.once(_wordings)
        if spans and self._is_about(draft) and not self.unless.spans(draft):
            exceptions = self.exceptions.spans(draft) + self._small_talk(draft)
            yield from (Match(span) for span in spans if not overlaps_any(span, exceptions))

    def _small_talk(self, draft: AnalyzedDraft) -> list[Span]:
        """Harmless questions; none if the draft or the guard is about a grave or criticized subject."""
        return [] if self.concepts or self.industries else draft.once(_harmless_questions)

    def _is_open(self, request: Request) -> bool:
        return (
            request.is_public
            or not self.required
            or (request.has_tag and _TAG in self.required)
            or (request.has_prize and _PRIZE in self.required)
        )

    def _is_about(self, draft: AnalyzedDraft) -> bool:
        if not self.concepts and not self.industries:
            return True
        if draft.draft.industry in self.industries:
            return True
        if any(touch.clear for concept in self.concepts for touch in draft.touched.get(concept, ())):
            return True
        names = (draft.draft.organization or "", _name_of(draft.draft.account or ""))
        hits = (hit for name in names for hit in draft.concept_table.hits(entry_of(name)))
        return any(hit.clear and hit.concept in self.concepts for hit in hits)


def _harmless_questions(draft: AnalyzedDraft) -> list[Span]:
    """The harmless questions in a draft; none if its subject is grave."""
    concepts = draft.concept_table.concepts
    is_grave = any(
        concepts[key].risky and any(touch.clear for touch in touches)
        for key, touches in draft.touched.items()
    )
    return [] if is_grave else invitation_forms().small_talk(draft.clean)


def _name_of(account: str) -> str:
    """Split an account into words: `@LockheedMartin` -> `Lockheed Martin`."""
    return " ".join(split_at_capitals(account.strip().lstrip("@").replace("_", " ")))


def _wordings(draft: AnalyzedDraft) -> list[Span]:
    """The sentences that read like a request to the public, ignoring what the team itself answers."""
    text = whole = draft.clean.text
    for told, words in _TOLD:
        if any(word in draft.clean.lower for word in words):
            text = told.sub(lambda match: " " * len(match.group()), text)
    parts = shipped_model("invitations").matches(text)
    if not parts or draft.once(_is_poll) or _CLOSED.search(whole) or _HELPLINE.search(whole):
        return []
    return [draft.clean.span(*part) for part in parts]


def _is_reviewed(draft: AnalyzedDraft) -> bool:
    """Whether a draft promises to review what the public sends."""
    return _REVIEWED.search(draft.clean.text) is not None


def _is_poll(draft: AnalyzedDraft) -> bool:
    """Whether the public is asked to pick one of the options that a draft lists, and not under a hashtag."""
    text = draft.clean.text
    return (
        "#" not in text
        and _OPTIONS.search(text) is not None
        and _POLL.search(text) is not None
        and _OPEN_POLL.search(text) is None
    )


def _joined(requests: list[Request]) -> list[Span]:
    """The spans of requests; those in one sentence, and overlapping ones, are merged."""
    joined: list[Span] = []
    sentence = -1
    for request in requests:
        last = joined[-1] if joined else None
        if last and (request.sentence == sentence or request.span.start < last.end):
            joined[-1] = Span(last.start, max(last.end, request.span.end))
        else:
            joined.append(request.span)
        sentence = request.sentence
    return joined
