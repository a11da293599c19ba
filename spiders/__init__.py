"""Getting pages and reading them: fetching, the capture store and one pure reader per source."""
