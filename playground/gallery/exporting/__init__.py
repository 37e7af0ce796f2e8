"""Pictures to take home: a ZIP that is made while it is sent, with a manifest, and names by a pattern."""
