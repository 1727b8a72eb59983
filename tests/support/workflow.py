"""The documented workflow, written down apart from the code."""

TRANSITIONS = {
    ("draft", "submit"): "in_review",
    ("draft", "publish"): "published",
    ("draft", "withdraw"): "withdrawn",
    ("in_review", "retract"): "draft",
    ("in_review", "request_changes"): "draft",
    ("in_review", "approve"): "in_review",
    ("in_review", "publish"): "published",
    ("in_review", "withdraw"): "withdrawn",
    ("published", "reopen"): "draft",
    ("published", "withdraw"): "withdrawn",
    ("withdrawn", "reopen"): "draft",
}
"""The status that a step leads to, by the status before and the step; no other step is possible."""
