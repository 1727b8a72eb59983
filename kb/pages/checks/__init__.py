"""Pages of the check before a launch: the form, its result, receipts."""
