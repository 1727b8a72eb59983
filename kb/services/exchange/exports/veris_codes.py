"""Map terms of the taxonomy to codes of the enumerations of VERIS 1.4.1.

Only terms with matching definitions are here. All others, including those that administrators have added, are
`Unknown` in VERIS.
"""

from __future__ import annotations

ERRORS = {
    "placeholder-published": "Publishing error",
    "premature-announcement": "Publishing error",
    "wrong-account": "Misdelivery",
    "targeting-error": "Misdelivery",
    "factual-error": "Misinformation",
    "scheduling-error": "Other",
    "accidental-interaction": "Other",
    "automation-error": "Other",
    "translation-error": "Other",
    "forced-humor": "Gaffe",
    "newsjacking": "Gaffe",
    "self-promotion": "Gaffe",
    "audience-misread": "Gaffe",
    "known-controversy": "Gaffe",
    "cultural-blind-spot": "Gaffe",
    "observance-hypocrisy": "Gaffe",
}
"""Failure modes that are errors: `action.error.variety`. VERIS calls a social slip a gaffe."""

ERROR_VECTORS = {"approval-miss": "Inadequate processes", "policy-gap": "Inadequate processes"}
"""Failure modes that say why an error was made: `action.error.vector`."""

COMPROMISE = "account-compromise"
MISUSE = "insider-conduct"
DISCLOSURE = "confidentiality-breach"
"""The failure modes that are `action.hacking`, `action.misuse` and `attribute.confidentiality`."""

OUTSIDERS = frozenset({COMPROMISE, "hashtag-hijack", "ugc-backfire"})
INSIDERS = frozenset({MISUSE, "employee-conduct"})
"""The failure modes and categories that by definition involve outsiders or insiders."""

INDUSTRIES = {
    "retail": "44",
    "e-commerce": "45",
    "advertising": "5418",
    "aerospace": "3364",
    "government": "92",
    "military": "928110",
    "finance": "52",
    "insurance": "52",
    "health": "62",
    "telecom": "517",
    "education": "61",
    "nonprofit": "813",
    "professional-services": "54",
}
"""NAICS codes of industries that lie within one sector."""

UNKNOWN_INDUSTRY = "00"
PUBLIC_ADMINISTRATION = "92"

LOSSES = {"market_value": "Brand damage", "reputation": "Brand damage", "legal": "Legal and regulatory"}
"""Kinds of impacts that VERIS lists: `impact.loss.variety`. It has one for both brand and market damage."""

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BZD CAD "
    "CDF CHF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD "
    "KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
    "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLL SOS SRD SVC "
    "SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR"
)
CURRENCIES = frozenset(_CODES.split())
"""The currencies of VERIS whose codes are in use, or were until recently."""
