"""Pages that look at several rooms: Aujourd’hui, a journey’s page and list."""
