"""Our rules written a second time, as a Schematron over the provisional return, and both judging the same cases.

Ours judges sections, the Schematron the XML that the return writer makes of them. What they find is compared rule by
rule and case by case; a difference is a fault on one side, or has a reason that stands in ``rules.toml``.
"""
