"""The leaves of the rule language, one sort per file, and the tree that holds them."""
