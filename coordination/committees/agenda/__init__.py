"""An agenda: proposed, accepted, ordered, frozen, printed."""
