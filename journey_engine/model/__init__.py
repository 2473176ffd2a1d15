"""The nouns: what a customer, an event, a rule, a graph, an enrollment and a decision are. Standard library only."""
