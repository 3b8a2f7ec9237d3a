"""Reports of tools become `Report`: totals with units, what they count, and the factors that they state.

One file for each tool whose files have a form of their own; `fields` reads JSON and CSV of any other whose fields name
a figure and its unit.
"""
