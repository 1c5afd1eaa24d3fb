"""`legation up`: PostgreSQL, Valkey, worker, sweeper and web as children of one foreground command."""
