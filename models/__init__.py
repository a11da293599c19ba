"""What things are: prices, meters, conditions, identities and the rules by which they change.

Nothing here touches the network, a database, the clock or the environment; every rule can be
read, called and tested on values alone.
"""
