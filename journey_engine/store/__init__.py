"""The only SQL of the product: tables, statements by noun, and the session that runs them in a transaction."""
