"""A world of search engines, made up for measuring: what the web holds of a name, and what each engine says of it."""
