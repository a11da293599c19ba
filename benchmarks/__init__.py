"""What things cost, as ratios between methods measured in one run on identical input.

``make bench`` runs all of it; the numbers, with the machine they are from, are kept in
``docs/performance.md``. Nothing here is a test: a slow machine is not a wrong program.
"""
