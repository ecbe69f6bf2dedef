"""Facts the product ships with, each with its source: places, needs, words for the demonstration.

`geography` (communes, EPCI, départements, régions), `territories` (24 basins of Occitanie),
`needs` (constraints and needs of a diagnosis), `ingredients` (fictional names,
agencies, sentences). Nothing here knows the database.
"""
