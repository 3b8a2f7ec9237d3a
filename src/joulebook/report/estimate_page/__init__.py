"""The static page of an estimate: its figures are computed again in the browser when an assumption is changed."""
