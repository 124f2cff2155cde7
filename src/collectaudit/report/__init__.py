"""What leaves the case for people: one dossier of facts, and the forms it is put in."""
