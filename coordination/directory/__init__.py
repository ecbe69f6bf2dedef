"""Services, training sessions, places; reference lists (communes, EPCI, needs)."""
