"""Documents of others, read into amounts with their positions: prose, tables, mappings."""
