"""How prices move: statements, timelines, absence, gates, lineage.

Everything here is a function of the set of observations in the order of their fetch times plus the
recorded review decisions, never of the order in which captures arrived.
"""
